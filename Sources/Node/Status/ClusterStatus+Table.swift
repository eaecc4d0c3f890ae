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
        let silent = nodes.compactMap { node in node.error.map { "\(node.datacenter) (\(node.name)) does not answer: \($0)\n" } }
        return table.text() + silent.joined()
    }

    private var shardNames: [String] { nodes.lazy.compactMap { $0.status?.shards.map(\.name) }.first ?? [] }

    private func cell(_ node: Answer, _ name: String) -> [String] {
        guard let shard = node.status?.shards.first(where: { $0.name == name }) else {
            return [node.status == nil ? "down" : "no replica", "", "", ""]
        }
        let lag = chosenMax(name) - min(shard.appliedUpTo, chosenMax(name))
        let role =
            switch shard.role {
            case "leader": "★ leader" + (shard.isHandingOver ? ", hands over" : "")
            case "unborn": "waits for \(shard.waitingFor.joined(separator: ", "))"
            case "stranger": "stranger: does not vote"
            default: isLearner(node.name, shard) ? "learner" : shard.role
            }
        let marks = [shard.fetching.map(text), shard.hasRoom == false ? "no room" : nil].compactMap { $0 }
        let lines = [
            ([role] + marks).joined(separator: ", "), "ballot \(shard.promised.round).\(shard.promised.node)",
            "applied \(shard.appliedUpTo)" + (lag > 0 ? ", lag \(lag)" : ""),
        ]
        return lines + [""]
    }

    private func isLearner(_ node: String, _ shard: StatusDocument.Shard) -> Bool {
        shard.members?.contains { $0.node == node && !$0.isVoter } ?? false
    }

    private func text(_ fetching: StatusDocument.Fetching) -> String {
        guard fetching.byteCount > 0 else { return "waits for a snapshot" }
        return "fetches a snapshot \(100 * fetching.storedBytes / fetching.byteCount) %"
    }

    private func peers(_ node: Answer) -> [String] {
        guard let status = node.status else { return [""] }
        return status.peers.map { "\($0.node) \($0.path == "down" ? "down" : $0.path.uppercased())" }
    }
}
