import KeyValue
import Paxos
import Replica
import Sharding
import Simulator

/// A shard server whose ports do what the test says. Its group has one member, so that it leads by itself, or three of which it is the
/// first and the others are the test.
final class LoneShard: LedgerPort, TablePort, SnapshotPort, NetworkPort, TimingPort {
    private(set) var server: ShardServer!
    private(set) var compactions: [(upTo: Slot, durable: Slot)] = []
    private(set) var snapshotCalls: [String] = []
    private(set) var sent: [(message: ServiceMessage, to: NodeID)] = []
    private(set) var problems: [ShardProblem] = []
    /// Entries that were handed over for applying at once.
    private(set) var applied: [Int] = []
    private var pending: [() -> Void] = []
    private var appliedUpTo = Slot.none
    private var machine = StateMachine()
    private var rows = MemoryRows()
    private var isTurnAsked = false
    private var wakesAt = Instant.distantFuture

    var now = Instant(nanoseconds: 1_000_000_000)
    var stamp: Stamp { Stamp(rawValue: UInt64(now.nanoseconds / 1_000_000)) }
    func random() -> UInt64 { 7 }

    /// `awaiting`: its ledger is whole up to this slot, and its table is lost.
    init(nodes: Int = 1, awaiting: Slot = .none, limits: ShardLimits = ShardLimits()) throws {
        let own = Party(node: NodeID(rawValue: 1), incarnation: Incarnation(rawValue: 11), boot: Boot(rawValue: 1))
        let shard = ShardDescription(id: ShardID(name: "shard1"), name: "shard1", keys: try KeyRange(text: "*"), preferredLeader: nil)
        let members = (1...UInt16(nodes)).map { Configuration.Member(node: NodeID(rawValue: $0), incarnation: Incarnation(rawValue: 11)) }
        let isNew = awaiting == .none
        let recovered = LedgerState(
            identity: own, promise: .zero, chosenUpTo: awaiting,
            membership: isNew ? Membership(stage: .gathering, genesis: []) : Membership(stage: .born, genesis: members),
            configurations: isNew ? [] : [ChosenConfiguration(slot: .none, configuration: Configuration(number: 1, members: members))],
            entries: [], compactedUpTo: awaiting)
        server = ShardServer(
            settings: ShardServer.Settings(
                shard: shard, node: own.node, nodes: (1...UInt16(nodes)).map(NodeID.init(rawValue:)), cluster: ClusterSettings(),
                limits: limits),
            recovered: recovered, appliedUpTo: .none, ledger: self, table: self, snapshots: self, network: self, timing: self)
        server.onProblem = { [unowned self] in problems.append($0) }
    }

    /// Lets time pass and everything happen that is due.
    func run(for span: Span = .milliseconds(2_000)) {
        let end = now + span
        while true {
            if !pending.isEmpty {
                pending.removeFirst()()
            } else if isTurnAsked {
                isTurnAsked = false
                server.endTurn()
            } else if wakesAt <= end {
                now = max(now, wakesAt)
                wakesAt = .distantFuture
                server.woke()
            } else {
                now = end
                return
            }
        }
    }

    func ask(_ mutation: Mutation) -> ServiceReply? {
        var reply: ServiceReply?
        server.execute(.mutation(mutation), isLocal: false) { reply = $0 }
        run()
        return reply
    }

    func administer(_ task: ShardTask) -> AdministrationReply? {
        var reply: AdministrationReply?
        server.administer(task) { reply = $0 }
        run()
        return reply
    }

    func tell(_ event: StorageEvent) {
        server.completed(event)
        run()
    }

    func hear(_ message: ServiceMessage, from node: UInt16) {
        server.received(message, from: NodeID(rawValue: node))
        run()
    }

    // MARK: Ports

    func commit(_ write: LedgerWrite) {
        pending.append { [unowned self] in server.completed(.ledgerCommitted(SyncReceipt(committed: write))) }
    }

    func read(_ request: LedgerRead) {}

    func compact(upTo: Slot, durableUpTo: Slot) { compactions.append((upTo, durableUpTo)) }

    func apply(_ entries: [SlottedEntry]) {
        applied.append(entries.count)
        pending.append { [unowned self] in
            var applied: [AppliedCommand] = []
            for row in entries {
                appliedUpTo = row.slot
                guard case .command(let bytes) = row.entry.content, let command = try? SessionCommand(bytes: bytes),
                    let outcome = try? machine.apply(command, slot: row.slot.rawValue, stamp: row.entry.stamp.rawValue, to: &rows)
                else { continue }
                applied.append(AppliedCommand(session: command.session, sequence: command.sequence, outcome: outcome))
            }
            server.completed(.applied(upTo: appliedUpTo, applied))
        }
    }

    func read(_ queries: [Query]) {}

    func offer(atLeast: Slot, isFresh: Bool) { snapshotCalls.append("offer \(atLeast)\(isFresh ? " fresh" : "")") }
    func read(_ request: SnapshotPiece) { snapshotCalls.append("read \(request.slot) at \(request.offset) for \(request.token)") }
    func store(_ chunk: SnapshotChunk) { snapshotCalls.append("store \(chunk.slot) at \(chunk.offset)") }
    func install(slot: Slot, replayThrough: Slot) { snapshotCalls.append("install \(slot) through \(replayThrough)") }

    func send(_ envelope: Envelope, shard: ShardID) {}
    func flush() {}

    func send(_ message: ServiceMessage, to node: NodeID, shard: ShardID) { sent.append((message, node)) }

    func requestTurn() { isTurnAsked = true }
    func wake(at instant: Instant) { wakesAt = instant }
}
