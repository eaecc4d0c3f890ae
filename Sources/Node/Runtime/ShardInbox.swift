import KeyValue
import Paxos
import Replica
import Sharding

/// What comes to a node's shards: from other nodes, from storage, and their own turns. Each piece of work begins with what storage has
/// completed, which does not always wake the event loop. Confined to that loop.
final class ShardInbox {
    private let mailbox: StorageMailbox
    private var shards: [ShardServer] = []
    private var ordinals: [ShardID: Int] = [:]

    init(_ mailbox: StorageMailbox) { self.mailbox = mailbox }

    /// Its place among the others.
    func add(_ shard: ShardServer) -> Int {
        ordinals[shard.settings.shard.id] = shards.count
        shards.append(shard)
        return shards.count - 1
    }

    func deliver() {
        for (ordinal, event) in mailbox.take() { shards[ordinal].completed(event) }
    }

    func perform(_ ordinal: Int, _ work: (ShardServer) -> Void) {
        deliver()
        work(shards[ordinal])
        if mailbox.expect(shards[ordinal].awaited, of: ordinal) { deliver() }
    }

    /// What is for a shard that this node does not have is dropped.
    func received(_ envelope: Envelope, _ shard: ShardID) {
        ordinals[shard].map { perform($0) { $0.received(envelope) } }
    }

    func received(_ message: ServiceMessage, from node: NodeID, _ shard: ShardID) {
        ordinals[shard].map { perform($0) { $0.received(message, from: node) } }
    }
}
