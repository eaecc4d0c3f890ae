import Benchmark
import Paxos

/// What `Group.step` allocates for each command, at the leader and at a follower.
func registerCore() {
    for batch in [1, 64] {
        Benchmark.register("core-leader-\(batch)", [.allocations]) {
            let turns = coreTurns(ofBatch: batch)
            return (turns.leader, turns.commands)
        }
        Benchmark.register("core-follower-\(batch)", [.allocations]) {
            let turns = coreTurns(ofBatch: batch)
            return (turns.followers, 2 * turns.commands)
        }
    }
}

private func coreTurns(ofBatch batch: Int) -> (leader: Counts, followers: Counts, commands: Int) {
    var group = CoreGroup()
    let commands = (1...UInt64(batch)).map(Sample.command)
    var leader = Counts()
    var followers = Counts()
    // Until as much of the log stays in memory as ever will, so that each turn also gives some up.
    let warmUp = 2 * Settings().retainedEntriesMax / batch
    for _ in 0..<warmUp { group.propose(commands, leader: &leader, followers: &followers) }
    leader = Counts()
    followers = Counts()
    let chosen = group.chosenUpTo
    let turns = 4096 / batch
    for _ in 0..<turns { group.propose(commands, leader: &leader, followers: &followers) }
    precondition(chosen.distance(to: group.chosenUpTo) == turns * batch, "what was proposed has been chosen")
    return (leader, followers, turns * batch)
}
