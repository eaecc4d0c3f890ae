import Glibc
import Simulator

/// What became of one run, as its process tells another.
struct Verdict {
    /// Of the property that did not hold, the name; of one that ended the process, all of it.
    private(set) var property: String?
    private(set) var text = ""
    private(set) var nodes = 0
    private(set) var shards = 0
    private(set) var loadMilliseconds = 0
    private(set) var strikes: [(number: Int, fault: String)] = []

    private static let mark = "verdict "
    private static let trap = "invariant violated: "

    /// Runs once; tells as it goes on, since it may not come to its end.
    static func tell(_ options: SimulationOptions) throws {
        let result = DecreeSimulate.run(options) { event in
            switch event {
            case .began(let nodes, let shards, let loadMilliseconds): print("\(mark)began \(nodes) \(shards) \(loadMilliseconds)")
            case .struck(let number, let fault): print("\(mark)struck \(number) \(fault)")
            case .noted: break
            }
            fflush(nil)
        }
        if let violation = result.violations.first { print("\(mark)broke \(violation)") }
    }

    init(of options: SimulationOptions, seconds: Double) {
        let child = ChildProcess.run(options.arguments + ["--verdict"], seconds: seconds)
        for line in child.lines {
            if let range = line.firstRange(of: Self.trap) {
                text = String(line[range.upperBound...])
                // Of another slot or ballot it is the same.
                property = "invariant: " + String(text.map { $0.isNumber ? "#" : $0 })
            } else if line.hasPrefix(Self.mark) {
                take(line.dropFirst(Self.mark.count).split(separator: " ", maxSplits: 1).map(String.init))
            }
        }
        if property == nil, let signal = child.signal, signal != SIGKILL { property = "signal \(signal)" }
    }

    private mutating func take(_ parts: [String]) {
        guard parts.count == 2 else { return }
        let words = parts[1].split(separator: " ", maxSplits: 1).map(String.init)
        switch parts[0] {
        case "began":
            let numbers = parts[1].split(separator: " ").compactMap { Int($0) }
            if numbers.count == 3 { (nodes, shards, loadMilliseconds) = (numbers[0], numbers[1], numbers[2]) }
        case "struck":
            if words.count == 2, let number = Int(words[0]) { strikes.append((number, words[1])) }
        case "broke":
            text = parts[1]
            property = parts[1].split(separator: ":").first.map(String.init)
        default: break
        }
    }
}
