import Paxos
import Sharding
import Simulator

/// What has to hold of every run.
extension World {
    func check() {
        let checks = CallChecks(history.calls)
        for problem in checks.answers(isStillUp: { machine($0).life?.boot == $1 }) { fail(problem) }
        for problem in checks.linearizability() { fail(problem) }
        if let problem = truth.problem { fail(problem) }
        for problem in checks.effects(of: truth.effective()) { fail(problem) }
        for problem in checks.localReads(stalenessMax: cluster.stalenessMax) { fail(problem) }
        checkTables()
    }

    /// Once all is well, every replica has applied the same, to the same end.
    private func checkTables() {
        let slots = machines.map(\.disk.table.appliedUpTo)
        if Set(slots).count > 1 { fail("all is well, and the tables stand at slots \(slots)") }
        for machine in machines where machine.disk.table.appliedUpTo == slots[0] {
            if machine.disk.table.reference != machines[0].disk.table.reference {
                fail("\(machine.node)'s table differs at slot \(slots[0])")
            }
        }
    }
}
