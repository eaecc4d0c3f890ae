package import KeyValue
import Paxos
package import Sharding

/// One shard as a router sees it.
package protocol CommandExecutor: AnyObject {
    func execute(_ command: Command, isLocal: Bool, completion: @escaping (ServiceReply) -> Void)
    func administer(_ task: ShardTask, completion: @escaping (AdministrationReply) -> Void)
}

extension ShardServer: CommandExecutor {}

/// What a router can't know of the node around it.
package protocol NodeDescriber: AnyObject {
    func statusJSON() -> String
    func info() -> [(section: String, fields: [(String, String)])]
}

/// Takes every command of this node's clients to the shard that owns its keys. A command for keys of several shards is
/// split where each part may stand by itself (MGET, EXISTS, DEL), and refused where it may not (MSET).
/// Confined to one thread, which is that of its shards.
package final class Router: CommandService {
    let cluster: ClusterDescription
    /// In the order of `cluster.shards`.
    let shards: [any CommandExecutor]
    let random: () -> UInt64
    private let describer: any NodeDescriber

    package init(
        cluster: ClusterDescription, shards: [any CommandExecutor], describer: any NodeDescriber, random: @escaping () -> UInt64
    ) {
        invariant(cluster.shards.count == shards.count && !shards.isEmpty, "every shard of the cluster has an executor")
        self.cluster = cluster
        self.shards = shards
        self.describer = describer
        self.random = random
    }

    package func execute(_ request: ServiceRequest, completion: @escaping (ServiceReply) -> Void) {
        switch request {
        case .command(let command): route(command, isLocal: false, completion: completion)
        case .localQuery(let query): route(.query(query), isLocal: true, completion: completion)
        case .scan(let cursor, let count, let pattern, let isLocal):
            scan(from: ScanCursor(rawValue: cursor), count: count, pattern: pattern, isLocal: isLocal, completion: completion)
        case .count(let isLocal): count(isLocal: isLocal, completion: completion)
        case .randomKey(let isLocal): randomKey(isLocal: isLocal, completion: completion)
        }
    }

    package func statusJSON() -> String { describer.statusJSON() }

    package func info() -> [(section: String, fields: [(String, String)])] { describer.info() }

    private func route(_ command: Command, isLocal: Bool, completion: @escaping (ServiceReply) -> Void) {
        switch command.keys {
        case .one(let key):
            guard let ordinal = cluster.ordinal(owning: key) else { return completion(.failed(noShard(key))) }
            shards[ordinal].execute(command, isLocal: isLocal, completion: completion)
        case .several(let keys): route(command, keys: keys, isLocal: isLocal, completion: completion)
        case .none:
            // Keyless commands have requests of their own; one that comes this way is about the first shard.
            shards[0].execute(command, isLocal: isLocal, completion: completion)
        }
    }

    private func route(_ command: Command, keys: [[UInt8]], isLocal: Bool, completion: @escaping (ServiceReply) -> Void) {
        var ordinals: [Int] = []
        ordinals.reserveCapacity(keys.count)
        for key in keys {
            guard let ordinal = cluster.ordinal(owning: key) else { return completion(.failed(noShard(key))) }
            ordinals.append(ordinal)
        }
        guard let stranger = ordinals.firstIndex(where: { $0 != ordinals[0] }) else {
            return shards[ordinals.first ?? 0].execute(command, isLocal: isLocal, completion: completion)
        }
        guard let split = SplitCommand(command, keys: keys, ordinals: ordinals) else {
            return completion(.failed(crossShard(keys[0], ordinals[0], keys[stranger], ordinals[stranger])))
        }
        execute(split, isLocal: isLocal, completion: completion)
    }

    private func noShard(_ key: [UInt8]) -> ServiceFailure { .noShard(cluster.textForUnowned(key)) }

    private func crossShard(_ one: [UInt8], _ oneOrdinal: Int, _ other: [UInt8], _ otherOrdinal: Int) -> ServiceFailure {
        let former = "\(KeyText.quoted(one)) is in \(cluster.shards[oneOrdinal].name)"
        let latter = "\(KeyText.quoted(other)) in \(cluster.shards[otherOrdinal].name)"
        return .crossShard("an atomic command must stay within one shard, but \(former) and \(latter): send one command for each shard")
    }
}
