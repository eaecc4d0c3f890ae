import Foundation

/// Three members, asked through their HTTP/JSON gateway.
package struct EtcdDriver: SystemDriver {
    package let name = "etcd"
    package let program = "etcd"
    package let peer = LoadSettings.Peer.etcd
    package let endpoints: [Endpoint]
    package let writableNodes = 0..<3
    package let waitFor = 0
    package let failsOver = true
    private let port: Int

    package init(port: Int) {
        self.port = port
        endpoints = (0..<3).map { Endpoint(host: "127.0.0.1", port: port + $0) }
    }

    private func peerURL(_ node: Int) -> String { "http://127.0.0.1:\(port + 10 + node)" }

    package func command(_ node: Int, _ directory: String) -> [String] {
        let members = (0..<3).map { "e\($0 + 1)=\(peerURL($0))" }.joined(separator: ",")
        let client = "http://\(endpoints[node])"
        // Without a data directory after the first start it is a member that has been added again.
        let isReturning = FileManager.default.fileExists(atPath: "\(directory)/returning\(node + 1)")
        return [
            program, "--name", "e\(node + 1)", "--data-dir", "\(directory)/data\(node + 1)", "--listen-client-urls", client,
            "--advertise-client-urls", client, "--listen-peer-urls", peerURL(node), "--initial-advertise-peer-urls", peerURL(node),
            "--initial-cluster", members, "--initial-cluster-state", isReturning ? "existing" : "new", "--initial-cluster-token", "bench",
            "--quota-backend-bytes", "8589934592", "--log-level", "error",
        ]
    }

    private struct Status: Decodable {
        let header: Header
        let leader: String?
        let raftAppliedIndex: String?

        struct Header: Decodable {
            let member_id: String
        }
    }

    package func leader() -> Int? {
        for node in endpoints.indices {
            if let status = status(node), status.leader == status.header.member_id { return node }
        }
        return nil
    }

    package func position(_ node: Int) -> UInt64? {
        guard let status = status(node), let leader = status.leader, leader != "0" else { return nil }
        return status.raftAppliedIndex.flatMap { UInt64($0) }
    }

    private func status(_ node: Int) -> Status? {
        guard let body = try? post(node, "/v3/maintenance/status", "{}") else { return nil }
        return try? JSONDecoder().decode(Status.self, from: Data(body))
    }

    private struct Members: Decodable {
        let members: [Member]

        struct Member: Decodable {
            let ID: String
            let peerURLs: [String]
        }
    }

    /// A member that has lost its files is another one: the old one leaves, the new one joins.
    package func prepareReturn(_ node: Int) throws(BenchFailure) {
        guard let helper = endpoints.indices.first(where: { $0 != node && position($0) != nil }) else {
            throw BenchFailure("no member of etcd answers")
        }
        let body = try post(helper, "/v3/cluster/member/list", "{}")
        let members = try? JSONDecoder().decode(Members.self, from: Data(body))
        guard let member = members?.members.first(where: { $0.peerURLs.contains(peerURL(node)) }) else {
            throw BenchFailure("etcd does not know its member e\(node + 1)")
        }
        _ = try post(helper, "/v3/cluster/member/remove", "{\"ID\":\"\(member.ID)\"}")
        _ = try post(helper, "/v3/cluster/member/add", "{\"peerURLs\":[\"\(peerURL(node))\"]}")
    }

    private func post(_ node: Int, _ path: String, _ json: String) throws(BenchFailure) -> [UInt8] {
        var server = try Server(endpoints[node], .etcd, timeout: 5)
        return try server.post(path, json)
    }
}
