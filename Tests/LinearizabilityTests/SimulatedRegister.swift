import Linearizability

/// SplitMix64: small, and the same everywhere.
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) {
        state = seed
    }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}

/// Clients that call one key at once. Each call takes effect at a moment between its invocation and its return, so what is
/// recorded is linearizable by construction.
struct SimulatedRegister {
    var clients: Int
    var calls: Int
    /// Out of 1,000 calls so many get no answer; half of those never take effect.
    var unknownsPerMille: Int
    var generator: SeededGenerator

    mutating func history() -> [Call] {
        var time: UInt64 = 0
        var value: String?
        var history: [Call] = []
        var nextProcess = clients
        // By client: its open call, and whether it has taken effect, with what answer.
        var open: [(call: Call, output: KeyResult?)?] = Array(repeating: nil, count: clients)
        var begun = 0
        while begun < calls || open.contains(where: { $0 != nil }) {
            time += 1
            let client = Int.random(in: 0..<clients, using: &generator)
            guard var current = open[client] else {
                if begun < calls {
                    open[client] = (call(client, time, input(begun)), nil)
                    begun += 1
                }
                continue
            }
            let isLost = Int.random(in: 0..<1_000, using: &generator) < unknownsPerMille
            if let output = current.output {
                if !isLost { current.call.outcome = .returned(output, at: time) }
                history.append(current.call)
                open[client] = nil
            } else if isLost {
                history.append(current.call)
                open[client] = nil
            } else {
                (value, current.output) = apply(current.call.input, to: value)
                open[client] = current
            }
            if isLost, let last = history.indices.last, history[last].output == nil {
                history[last].process = nextProcess
                nextProcess += 1
            }
        }
        return history
    }

    private mutating func input(_ number: Int) -> KeyCommand {
        switch Int.random(in: 0..<10, using: &generator) {
        case 0...3: .get
        case 4...6: .set("\(number)")
        case 7: .setIfEqual(expected: "\(max(0, number - Int.random(in: 0..<5, using: &generator)))", "\(number)")
        case 8: .setIfAbsent("\(number)")
        default: .delete
        }
    }

    private func apply(_ input: KeyCommand, to value: String?) -> (String?, KeyResult) {
        switch input {
        case .get: (value, .value(value))
        case .set(let new): (new, .done)
        case .setIfAbsent(let new): (value ?? new, .applied(value == nil))
        case .setIfEqual(let expected, let new): (value == expected ? new : value, .applied(value == expected))
        case .increment(let amount): increment(value, amount)
        case .append(let suffix): ((value ?? "") + suffix, .integer(Int64(((value ?? "") + suffix).utf8.count)))
        case .delete: (nil, .applied(value != nil))
        }
    }

    private func increment(_ value: String?, _ amount: Int64) -> (String?, KeyResult) {
        let sum = (value.flatMap { Int64($0) } ?? 0) + amount
        return (String(sum), .integer(sum))
    }
}

/// Tries every order of every choice of unknown calls: the definition itself, for a handful of calls.
func isLinearizableByBruteForce(_ calls: [Call]) -> Bool {
    func search(_ rest: [Call], _ state: String?) -> Bool {
        if rest.allSatisfy({ $0.outcome == .unknown }) { return true }
        let earliestReturn = rest.compactMap { candidate -> UInt64? in
            if case .returned(_, let returned) = candidate.outcome { returned } else { nil }
        }.min()
        for (index, candidate) in rest.enumerated() where candidate.invoked <= (earliestReturn ?? .max) {
            guard let next = KeyModel().step(state, candidate.input, candidate.output) else { continue }
            var others = rest
            others.remove(at: index)
            if search(others, next) { return true }
        }
        return false
    }
    return search(calls, nil)
}
