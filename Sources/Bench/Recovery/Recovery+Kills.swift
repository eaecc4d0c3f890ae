/// What happens when processes are killed.
extension Recovery {
    func allKilled(_ cluster: Cluster, _ size: Int, _ round: Int) throws(BenchFailure) -> Finding {
        let load = try load(cluster, keys: size)
        _ = try LoadLoop(load.filling()).run()
        // A log's tail that no checkpoint has taken in yet.
        let tail = LoadThread(load)
        pause(1)
        cluster.killAll()
        tail.stop()
        let start = Clock.now()
        try cluster.startAll()
        let write = LoadThread(try probe(cluster, size, .set))
        let read = LoadThread(try probe(cluster, size, .get))
        _ = try tail.result()
        let figures = [
            Finding.Figure("first write", try firstSuccess(write, since: start, cluster), .seconds),
            Finding.Figure("first read", try firstSuccess(read, since: start, cluster), .seconds),
        ]
        return finding(.all, cluster, round, size: size, figures)
    }

    /// One client for each node, which asks again and again.
    private func probe(_ cluster: Cluster, _ size: Int, _ mix: Mix) throws(BenchFailure) -> LoadSettings {
        var load = try load(cluster, keys: size)
        load.mix = mix
        load.clients = load.endpoints.count
        load.pause = 0.002
        load.drains = false
        return load
    }

    private func firstSuccess(_ probe: LoadThread, since start: UInt64, _ cluster: Cluster) throws(BenchFailure) -> Double {
        let deadline = start + 300 * Clock.second
        while probe.completedCount == 0, !probe.hasEnded, Clock.now() < deadline { pause(0.005) }
        probe.stop()
        guard let first = try probe.result().firstSuccess else {
            throw BenchFailure("\(cluster.driver.name) does not answer five minutes after it was started")
        }
        return Clock.seconds(first - start)
    }

    func leaderKilled(_ cluster: Cluster, _ round: Int) throws(BenchFailure) -> Finding {
        let thread = LoadThread(try checkedOpenLoop(cluster))
        pause(3)
        let leader = try cluster.leader()
        let killed = Clock.now()
        cluster.kill(leader)
        if cluster.driver.failsOver { pause(4) }
        let again = Clock.now()
        try cluster.start(leader)
        pause(4)
        thread.stop()
        let outcome = try thread.result()
        let figures = [
            Finding.Figure("outage", outcome.longestGap(after: killed), .seconds),
            Finding.Figure("longest latency", (outcome.result.operations.first?.latency.max ?? 0) / 1e6, .seconds),
            Finding.Figure("writes", Double(outcome.result.count), .count),
            Finding.Figure("failed", Double(outcome.result.errorCount), .count),
        ]
        return finding(
            .leader, cluster, round, figures + (try verify(cluster, outcome)), outcome, marks: [(killed, "killed"), (again, "started")])
    }

    func randomKills(_ cluster: Cluster, _ round: Int) throws(BenchFailure) -> Finding {
        var chance = Chance(seed: settings.seed &+ UInt64(round))
        var load = try load(cluster, keys: 1000)
        load.isChecked = true
        let thread = LoadThread(load)
        var marks: [(moment: UInt64, text: String)] = []
        let end = Clock.now() + Clock.nanoseconds(settings.killSeconds)
        while Clock.now() < end {
            pause(0.5 + 2 * chance.fraction())
            let node = chance.below(cluster.nodes.count)
            marks.append((Clock.now(), ""))
            cluster.kill(node)
            pause(chance.fraction())
            try cluster.start(node)
        }
        pause(2)
        thread.stop()
        let outcome = try thread.result()
        let figures = [
            Finding.Figure("kills", Double(marks.count), .count),
            Finding.Figure("writes", outcome.result.perSecond, .perSecond),
            Finding.Figure("longest outage", outcome.longestGap(), .seconds),
            Finding.Figure("failed", Double(outcome.result.errorCount), .count),
        ]
        return finding(.kills, cluster, round, figures + (try verify(cluster, outcome)), outcome, marks: marks)
    }

    func checkedOpenLoop(_ cluster: Cluster) throws(BenchFailure) -> LoadSettings {
        var load = try load(cluster, keys: 1000)
        load.isChecked = true
        load.rate = settings.rate
        return load
    }

    /// Reads each key: how many writes that were acknowledged are not there, and how many values nobody wrote.
    func verify(_ cluster: Cluster, _ outcome: LoadOutcome) throws(BenchFailure) -> [Finding.Figure] {
        try cluster.waitUntilWritable()
        let names = try load(cluster, keys: 1000).keys
        let node = cluster.driver.writableNodes.upperBound - 1
        var server = try Server(cluster.driver.endpoints[node], cluster.driver.peer, timeout: 15)
        var (lost, wrong) = (0, 0)
        if let checked = outcome.checkedKeys {
            for key in checked.bounds.indices where checked.bounds[key].attempted > 0 {
                let verdict = checked.verdict(key, holds: try server.get(names.text(key)))
                lost += verdict.lost
                wrong += verdict.wrong
            }
        }
        return [.init("lost writes", Double(lost), .count), .init("wrong values", Double(wrong), .count)]
    }
}
