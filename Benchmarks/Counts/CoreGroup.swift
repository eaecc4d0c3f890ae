import Paxos

/// A leader and its two followers: what one says arrives at once, and what is written is synced at once. Time stands still.
struct CoreGroup {
    private static let leader = 0

    private var replicas: [Group] = []
    private var now = Instant.zero

    init() {
        let settings = Settings()
        let nodes = (1...3).map { NodeID(rawValue: $0) }
        let members = nodes.map { Configuration.Member(node: $0, incarnation: Incarnation(rawValue: 100 + UInt64($0.rawValue))) }
        let genesis = ChosenConfiguration(slot: .none, configuration: Configuration(number: 1, members: members))
        for member in members {
            let state = LedgerState(
                identity: Party(node: member.node, incarnation: member.incarnation, boot: Boot(rawValue: 1)), promise: .zero,
                chosenUpTo: .none, membership: Membership(stage: .born, genesis: members), configurations: [genesis], entries: [],
                compactedUpTo: .none)
            replicas.append(
                Group(state: state, appliedUpTo: .none, firstMembers: nodes, preferredLeader: nil, settings: settings, at: now))
        }
        now = now + settings.patience + settings.electionJitter
        var leader = Counts()
        var followers = Counts()
        settle(.ticked(chance: 0), &leader, &followers)
        precondition(replicas[Self.leader].standing.leads != nil, "a group of three elects whoever stands alone")
    }

    var chosenUpTo: Slot { replicas[Self.leader].chosenUpTo }

    /// The leader proposes a batch, hears that both followers have accepted it, and applies it.
    mutating func propose(_ commands: [[UInt8]], leader: inout Counts, followers: inout Counts) {
        settle(.proposed(commands, stamp: Stamp(rawValue: 1)), &leader, &followers)
    }

    /// Lets everything happen that follows from an input at the leader.
    private mutating func settle(_ input: Input, _ leader: inout Counts, _ followers: inout Counts) {
        var mail = take(input, at: Self.leader, &leader)
        var next = 0
        while next < mail.count {
            let envelope = mail[next]
            let index = Int(envelope.to.node.rawValue) - 1
            mail += index == Self.leader ? take(.received(envelope), at: index, &leader) : take(.received(envelope), at: index, &followers)
            next += 1
        }
    }

    /// Counts what the core does about an input, and about the receipts of what it asks for; not what is made to hand them over.
    private mutating func take(_ input: Input, at index: Int, _ counts: inout Counts) -> [Envelope] {
        let before = Counts.ofThread
        let output = replicas[index].step(input, at: now)
        counts.add(since: before)
        var messages = output.messages
        if let write = output.write { messages += take(.persisted(SyncReceipt(committed: write)), at: index, &counts) }
        if let last = output.apply.last { messages += take(.applied(upTo: last.slot), at: index, &counts) }
        return messages
    }
}
