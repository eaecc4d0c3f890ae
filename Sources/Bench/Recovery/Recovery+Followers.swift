/// What happens when nodes come back.
extension Recovery {
    func followerAway(_ cluster: Cluster, _ round: Int, isWiped: Bool) throws(BenchFailure) -> Finding {
        let load = try load(cluster, keys: 10_000)
        _ = try LoadLoop(load.filling()).run()
        let thread = LoadThread(load)
        pause(1)
        let undisturbed = thread.rate(over: 3)
        let leader = try cluster.leader()
        let node = leader == cluster.nodes.upperBound - 1 ? leader - 1 : cluster.nodes.upperBound - 1
        let killed = Clock.now()
        cluster.kill(node)
        pause(settings.away)
        if isWiped { try cluster.wipe(node) }
        let start = Clock.now()
        let count = thread.completedCount
        if isWiped { try cluster.driver.prepareReturn(node) }
        try cluster.start(node)
        if isWiped { try cluster.driver.completeReturn(node) }
        try cluster.waitUntilCurrent(node)
        let seconds = Clock.seconds(Clock.now() - start)
        let meanwhile = Double(thread.completedCount - count) / seconds
        let current = Clock.now()
        pause(1)
        thread.stop()
        let outcome = try thread.result()
        let figures = [
            Finding.Figure("current after", seconds, .seconds),
            Finding.Figure("undisturbed", undisturbed, .perSecond),
            Finding.Figure("share meanwhile", meanwhile / max(1, undisturbed), .ratio),
            Finding.Figure("longest outage", outcome.longestGap(after: start), .seconds),
        ]
        return finding(
            isWiped ? .wiped : .follower, cluster, round, figures, outcome,
            marks: [(killed, "killed"), (start, "started"), (current, "current")])
    }

    func rollingRestart(_ cluster: Cluster, _ round: Int) throws(BenchFailure) -> Finding {
        let thread = LoadThread(try checkedOpenLoop(cluster))
        pause(2)
        var marks: [(moment: UInt64, text: String)] = []
        for node in cluster.nodes {
            marks.append((Clock.now(), "stop \(node + 1)"))
            cluster.stop(node)
            try cluster.start(node)
            try cluster.waitUntilCurrent(node)
            pause(1.5)
        }
        thread.stop()
        let outcome = try thread.result()
        let latency = outcome.result.operations.first?.latency
        let figures = [
            Finding.Figure("p99", (latency?.p99 ?? 0) / 1e6, .seconds),
            Finding.Figure("longest latency", (latency?.max ?? 0) / 1e6, .seconds),
            Finding.Figure("longest outage", outcome.longestGap(), .seconds),
            Finding.Figure("writes", Double(outcome.result.count), .count),
            Finding.Figure("failed", Double(outcome.result.errorCount), .count),
        ]
        return finding(.rolling, cluster, round, figures + (try verify(cluster, outcome)), outcome, marks: marks)
    }
}
