import Glibc
import Simulator

/// Many runs, and how far they have come.
struct Campaign {
    private let start: ContinuousClock.Instant
    private var printedAt: ContinuousClock.Instant
    private var runs = 0
    private var sum = SimulationStatistics()

    init(start: ContinuousClock.Instant) {
        self.start = start
        printedAt = start
    }

    mutating func add(_ result: SimulationResult) {
        runs += 1
        sum.add(result.statistics)
        let now = ContinuousClock.now
        guard now - printedAt > .seconds(10) else { return }
        printedAt = now
        print(progress)
        fflush(nil)
    }

    private var seconds: Double { max(0.001, (ContinuousClock.now - start) / .seconds(1)) }

    private var progress: String {
        let hours = sum.virtualHours
        let faults = sum.faults.values.reduce(0, +)
        return "\(runs) seeds, \(rounded(Double(runs) / seconds)) a second; \(rounded(hours)) virtual hours, "
            + "\(rounded(hours / seconds * 60)) a minute; \(faults) faults; \(sum.commandsAcknowledged) commands acknowledged"
    }

    func report() {
        print(progress)
        print(
            """
              local reads \(sum.localReads), refused \(sum.definiteFailures), in doubt \(sum.indeterminateFailures); \
            slots \(sum.slotsApplied), messages \(sum.messages), syncs \(sum.syncs), starts of nodes \(sum.starts), leaderships \(sum.leaderships)
              acknowledged: \(sum.commandLines.joined(separator: ", "))
              faults: \(sum.faultLines.joined(separator: ", "))
            """)
    }

    private func rounded(_ number: Double) -> String { String((number * 100).rounded() / 100) }
}
