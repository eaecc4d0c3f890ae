import DequeModule
import KeyValue
import Paxos
import Sharding

/// The way between a shard's client and its leader: over the network, or, where both are here, through a queue.
final class Loopback {
    private let node: NodeID
    private let shard: ShardID
    private let network: any NetworkPort
    private let timing: any TimingPort
    private var queue: Deque<ServiceMessage> = []
    var answer: ((ReplicaAnswer) -> Void)?

    init(node: NodeID, shard: ShardID, network: any NetworkPort, timing: any TimingPort) {
        self.node = node
        self.shard = shard
        self.network = network
        self.timing = timing
    }

    func send(_ message: ServiceMessage, to destination: NodeID) {
        if destination == node {
            queue.append(message)
            timing.requestTurn()
        } else {
            network.send(message, to: destination, shard: shard)
        }
    }

    var count: Int { queue.count }

    func next() -> ServiceMessage? { queue.popFirst() }
}
