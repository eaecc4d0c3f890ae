import Paxos
import Sharding

/// What has to hold at the end of every run; what holds all along is checked where it happens.
extension Simulation {
    func check() {
        for ordinal in cluster.shards.indices {
            let shard = cluster.shards[ordinal].name
            let calls = CallChecks(calls(ofShard: ordinal))
            var problems = calls.answers { node($0).life?.number == $1 }
            if let problem = chosen[ordinal].problem { problems.append(problem) }
            problems += calls.effects(of: chosen[ordinal].effective())
            problems += calls.localReads(
                stalenessMax: cluster.settings.stalenessMax, clockErrorPerMille: clocksKeptBoundSince == .zero ? 20 : 310)
            problems += calls.linearizability()
            checkFilesAtEnd(ofShard: ordinal)
            for problem in problems { fail("\(problem) [\(shard)]") }
        }
    }
}
