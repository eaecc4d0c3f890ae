import Foundation
import Sharding

/// What all nodes say, side by side.
package struct ClusterStatus: Codable, Hashable, Sendable {
    package struct Answer: Codable, Hashable, Sendable {
        package var name: String
        package var datacenter: String
        package var client: String
        package var status: StatusDocument?
        /// Why there is no status.
        package var error: String?
    }

    package var cluster: String
    /// In the cluster file's order.
    package var nodes: [Answer]

    /// Asks the node at `endpoint` who there is, and then each of them.
    package static func gather(from endpoint: String) throws(ExitFailure) -> ClusterStatus {
        let address: Address
        do {
            address = try Address(text: endpoint)
        } catch {
            throw .configuration("--endpoint: \(error)")
        }
        let first: StatusDocument
        do {
            first = try status(of: address)
        } catch {
            throw .unavailable("\(error); name another node with --endpoint HOST:PORT")
        }
        var answers: [Answer] = []
        for member in first.nodes {
            var answer = Answer(name: member.name, datacenter: member.datacenter, client: member.client)
            do throws(QueryError) {
                guard let address = try? Address(text: member.client) else { throw QueryError("no address: \(member.client)") }
                answer.status = member.name == first.node ? first : try status(of: address)
            } catch {
                answer.error = error.description
            }
            answers.append(answer)
        }
        return ClusterStatus(cluster: first.cluster, nodes: answers)
    }

    /// What the one node at `address` says.
    static func status(of address: Address) throws(QueryError) -> StatusDocument {
        var client = try NodeClient(address)
        let foreign = QueryError("\(address) does not answer as a Decree node of this version does")
        guard case .bulk(let bytes) = try client.ask(["DECREE", "STATUS"]) else { throw foreign }
        do {
            return try JSONDecoder().decode(StatusDocument.self, from: Data(bytes))
        } catch {
            throw foreign
        }
    }

    /// The furthest that any replica of the shard knows chosen.
    func chosenMax(_ shard: String) -> UInt64 {
        nodes.compactMap { $0.status?.shards.first { $0.name == shard }?.chosenUpTo }.max() ?? 0
    }

    package func json() -> String { JSONText.of(self) }
}

enum JSONText {
    static func of(_ value: some Encodable) -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        // Numbers, words and lists of them: there is nothing in a status that could not be written.
        guard let data = try? encoder.encode(value) else { return "{}" }
        return String(decoding: data, as: UTF8.self)
    }
}
