/// The picture: shards by datacenters, a star at each leader.
extension ClusterStatus {
    package func table() -> String {
        var table = TextTable()
        table.append([["cluster \(cluster)", ""]] + nodes.map { [$0.datacenter, "\($0.name) \($0.client)"] })
        for shard in shardNames {
            let keys = nodes.lazy.compactMap { $0.status?.shards.first { $0.name == shard }?.keys }.first ?? ""
            table.append([[shard, "keys: \(keys)", "", ""]] + nodes.map { cell($0, shard) })
        }
        table.append([["peers"]] + nodes.map(peers))
        return table.text()
    }

    private var shardNames: [String] { nodes.lazy.compactMap { $0.status?.shards.map(\.name) }.first ?? [] }

    private func cell(_ node: Answer, _ name: String) -> [String] {
        guard let shard = node.status?.shards.first(where: { $0.name == name }) else {
            return [node.status == nil ? "down" : "no replica", "", "", ""]
        }
        let lag = chosenMax(name) - min(shard.appliedUpTo, chosenMax(name))
        var lines = [
            shard.role == "leader" ? "★ leader" : shard.role,
            "ballot \(shard.promised.round).\(shard.promised.node)",
            "applied \(shard.appliedUpTo)" + (lag > 0 ? ", lag \(lag)" : ""),
        ]
        switch shard.stage {
        case "born": break
        case "stranger": lines[0] = "stranger: does not vote"
        default: lines[0] = "not yet born: waits for \(shard.waitingFor.joined(separator: ", "))"
        }
        if let trouble = shard.trouble { lines.append(trouble) }
        return lines + [""]
    }

    /// The furthest that any replica knows chosen.
    private func chosenMax(_ name: String) -> UInt64 {
        nodes.compactMap { $0.status?.shards.first { $0.name == name }?.chosenUpTo }.max() ?? 0
    }

    private func peers(_ node: Answer) -> [String] {
        guard let status = node.status else { return [node.error ?? "down"] }
        return status.peers.map { "\($0.node) \($0.path == "down" ? "down" : $0.path.uppercased())" }
    }
}
