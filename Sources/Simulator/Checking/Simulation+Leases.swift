import Paxos
import Replica
import Sharding

extension Simulation {
    /// Whether nothing has happened that leases do not bear.
    var areLeasesSafe: Bool { cluster.settings.reads == .lease && now >= clocksKeptBoundSince }

    func leads(_ ballot: Ballot, shard ordinal: Int) {
        statistics.leaderships += 1
        leases[ordinal].leads(ballot)
        if let problem = votes[ordinal].leads(ballot) { fail("\(problem) (\(cluster.shards[ordinal].name))") }
        for node in nodes where node.id != ballot.node {
            if let life = node.life { checkLease(ordinal, of: life.shards[ordinal].server) }
        }
    }

    func checkLease(_ ordinal: Int, of server: ShardServer) {
        let report = server.report
        if report.holdsLease, cluster.settings.reads == .quorum {
            fail("leases: one is held, where reads ask a quorum (\(cluster.shards[ordinal].name))")
        }
        guard areLeasesSafe else { return }
        guard report.role == .leader, report.holdsLease else { return }
        let governing = votes[ordinal].governing(report.chosenUpTo.next)
        guard let problem = leases[ordinal].holds(report.promised, governing, at: now) else { return }
        fail("\(problem) (\(cluster.shards[ordinal].name))")
    }
}
