import Paxos

extension ClusterDescription {
    package static let nodesMax = 15
    package static let shardsMax = 1024
    private static let nameLengthMax = 64

    /// Checks what no single field shows by itself.
    package func validate() throws(ClusterProblem) {
        try Self.validate(name: name, field: "cluster")
        guard 1...Self.nodesMax ~= nodes.count else {
            throw ClusterProblem(field: "nodes", text: "a cluster has 1 to \(Self.nodesMax) nodes, this one has \(nodes.count)")
        }
        guard 1...Self.shardsMax ~= shards.count else {
            throw ClusterProblem(field: "shards", text: "a cluster has 1 to \(Self.shardsMax) shards, this one has \(shards.count)")
        }
        try validateNodes()
        try validateAddresses()
        try validateShards()
        try validateRanges()
    }

    private func validateNodes() throws(ClusterProblem) {
        var names: Set<String> = []
        for (place, node) in nodes.enumerated() {
            let field = "nodes.\(node.name)"
            invariant(Int(node.id.rawValue) == place + 1, "a node's id is its place in the cluster file")
            try Self.validate(name: node.name, field: field)
            guard names.insert(node.name).inserted else {
                throw ClusterProblem(field: field, text: "two nodes have this name; each needs its own")
            }
        }
    }

    private func validateAddresses() throws(ClusterProblem) {
        var owners: [Address: String] = [:]
        for node in nodes {
            for (role, address) in [("peer", node.peer), ("client", node.client), ("http", node.http)] {
                guard let address else { continue }
                let field = "nodes.\(node.name).\(role)"
                if let owner = owners.updateValue(field, forKey: address) {
                    throw ClusterProblem(field: field, text: "\(address) is also \(owner); each needs its own port")
                }
            }
        }
    }

    private func validateShards() throws(ClusterProblem) {
        var names: [ShardID: String] = [:]
        for shard in shards {
            let field = "shards.\(shard.name)"
            try Self.validate(name: shard.name, field: field)
            if let other = names.updateValue(shard.name, forKey: shard.id) {
                throw ClusterProblem(field: field, text: "its name stands for the same number as that of '\(other)'; choose another name")
            }
            if let leader = shard.preferredLeader, node(leader) == nil {
                throw ClusterProblem(field: field + ".leader", text: "there is no such node")
            }
        }
    }

    /// `shards` is ascending by lower bound, so only neighbours need comparing.
    private func validateRanges() throws(ClusterProblem) {
        for (former, latter) in zip(shards, shards.dropFirst()) where former.keys.overlaps(latter.keys) {
            throw ClusterProblem(
                field: "shards.\(latter.name).keys",
                text: "'\(latter.keys.text)' overlaps '\(former.keys.text)' of \(former.name); a key may belong to one shard only")
        }
    }

    /// Names of shards become names of directories, so they are plain.
    private static func validate(name: String, field: String) throws(ClusterProblem) {
        let isPlain = name.unicodeScalars.allSatisfy { scalar in
            switch scalar {
            case "a"..."z", "A"..."Z", "0"..."9", "-", "_": true
            default: false
            }
        }
        guard isPlain, let first = name.first, first != "-", name.utf8.count <= nameLengthMax else {
            throw ClusterProblem(
                field: field,
                text: "a name is 1 to \(nameLengthMax) letters, digits, '-' and '_', and does not start with '-'")
        }
    }
}
