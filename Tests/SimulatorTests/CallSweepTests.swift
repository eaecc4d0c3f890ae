import Simulator
import Testing

/// `decree-simulate each-call` tries every call; here it is every so many-th.
@Suite("A fault at each call of a disk in turn")
struct CallSweepTests {
    private static let callsMax = 500

    private func outcomes(_ kind: PlannedFault.Kind, _ scenario: Scenario, step: Int) -> [CallSweep.Outcome] {
        let sweep = CallSweep(kind: kind, scenario: scenario, node: 3, seed: 1)
        let calls = Array(sweep.calls().prefix(Self.callsMax))
        #expect(calls.count == Self.callsMax)
        return stride(from: 0, to: calls.count, by: step).map { sweep.run(calls[$0]) }
    }

    /// Also one that comes after SQLite has given its answer, while a statement ends.
    @Test func anInputOutputErrorEndsTheProcessWithALineAndLosesNothing() {
        for outcome in outcomes(.error, .service, step: 7) {
            #expect(outcome.result.violations.isEmpty, "\(outcome.options.replayCommand)")
            #expect(outcome.hasEnded, "\(outcome.call.action) of \(outcome.call.path) fails, and the process goes on")
        }
    }

    @Test(arguments: [PlannedFault.Kind.powerLoss, .full])
    func aLossOfPowerAndAFullDiskLoseNothing(kind: PlannedFault.Kind) {
        for outcome in outcomes(kind, .service, step: 19) {
            #expect(outcome.result.violations.isEmpty, "\(outcome.options.replayCommand)")
        }
    }

    /// From the first piece that is received to the installation's last step, every call between, whatever it is for.
    @Test(arguments: [PlannedFault.Kind.powerLoss, .error])
    func aSnapshotThatIsReceivedAndInstalledBearsAFaultAtEachCall(kind: PlannedFault.Kind) {
        let sweep = CallSweep(kind: kind, scenario: .laggard, node: 3, seed: 1)
        let calls = sweep.calls().span(of: "snapshots/")
        #expect(calls.contains { $0.path.contains("incoming") } && calls.contains { $0.path.contains("adopting") })
        for index in stride(from: 0, to: calls.count, by: max(1, calls.count / 18)) {
            let outcome = sweep.run(calls[index])
            #expect(outcome.result.violations.isEmpty, "\(outcome.options.replayCommand)")
            // `integrity_check` takes what it can't read for damage: such a snapshot is refused, and asked for again.
            if !outcome.call.changesDisk, outcome.call.path.contains("adopting") { continue }
            #expect(outcome.hasEnded, "\(outcome.call.action) of \(outcome.call.path) fails, and the process goes on")
        }
    }
}
