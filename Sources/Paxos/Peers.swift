/// What is known of the other replicas' lives.
struct Peers: Hashable, Sendable {
    struct Peer: Hashable, Sendable {
        let node: NodeID
        var incarnation = Incarnation.unknown
        var boot = Boot.unknown
        /// A life without a place in the group, last heard of at this node: what a replacement would give the place to.
        var newcomer = Incarnation.unknown
    }

    /// Ascending by node.
    private(set) var all: [Peer]

    init(nodes: [NodeID]) { all = nodes.sorted().map { Peer(node: $0) } }

    subscript(node: NodeID) -> Peer? { all.first { $0.node == node } }

    mutating func include(_ nodes: [NodeID]) {
        for node in nodes where self[node] == nil {
            all.append(Peer(node: node))
            all.sort { $0.node < $1.node }
        }
    }

    /// Words to a member are meant for the life that the newest configuration names.
    mutating func address(_ members: [Configuration.Member]) {
        for member in members {
            guard let index = all.firstIndex(where: { $0.node == member.node }) else { continue }
            if all[index].newcomer == member.incarnation { all[index].newcomer = .unknown }
            guard all[index].incarnation != .unknown, all[index].incarnation != member.incarnation else { continue }
            all[index].incarnation = member.incarnation
            all[index].boot = .unknown
        }
    }

    mutating func note(newcomer party: Party) {
        guard let index = all.firstIndex(where: { $0.node == party.node }) else { return }
        all[index].newcomer = party.incarnation
    }

    /// False where the words are of an earlier life than one already heard from.
    mutating func note(_ party: Party) -> Bool {
        guard let index = all.firstIndex(where: { $0.node == party.node }) else { return false }
        if all[index].incarnation == party.incarnation, party.boot < all[index].boot { return false }
        all[index].incarnation = party.incarnation
        all[index].boot = party.boot
        return true
    }
}

/// Sending, and which envelopes count.
extension Group {
    func send(_ word: FreeWord, to node: NodeID, _ output: inout Output) { transmit(word.message, to: node, &output) }

    /// The only way for `prepare`, `promise` and `accepted` to leave: with the vow whose write has been synced.
    func send(_ message: Message, restingOn kept: Kept, to node: NodeID, _ output: inout Output) {
        invariant(message.restsOn(kept.vow), "a word that rests on a write leaves with that write's vow")
        transmit(message, to: node, &output)
    }

    private func transmit(_ message: Message, to node: NodeID, _ output: inout Output) {
        let peer = peers[node]
        output.messages.append(
            Envelope(
                from: identity,
                to: Party(node: node, incarnation: peer?.incarnation ?? .unknown, boot: peer?.boot ?? .unknown),
                configuration: configurations.newest?.number ?? 0, message: message))
    }

    /// Whether an envelope is meant for this life of this replica, and comes from a life that may speak.
    mutating func admits(_ envelope: Envelope, _ output: inout Output) -> Bool {
        let sender = envelope.from
        guard envelope.to.node == identity.node, sender.node != identity.node, sender.incarnation != .unknown else { return false }
        if case .introduction(let word) = envelope.message {
            guard hasOtherLife(sender) else { return peers.note(sender) }
            // Who thinks to be a member still is no newcomer.
            if word.stage == .gathering || word.stage == .stranger { peers.note(newcomer: sender) }
            return true
        }
        let isForMe =
            (envelope.to.incarnation == .unknown || envelope.to.incarnation == identity.incarnation)
            && (envelope.to.boot == .unknown || envelope.to.boot == identity.boot)
        guard isBorn, isForMe, isMember(sender) else {
            // Says who this is now, so that the sender's next words are meant for it, or learns that it is a stranger.
            // To an introduction nobody objects, so two replicas can't go on correcting each other.
            introduce(to: sender.node, wantsAnswer: false, &output)
            return false
        }
        // A life that older slots still need is heard, and is not who words to that node are meant for.
        return hasOtherLife(sender) || peers.note(sender)
    }

    /// A member of a configuration that governs open slots; of the newest one in any case.
    private func isMember(_ party: Party) -> Bool {
        configurations.open(above: chosenUpTo).contains { $0.configuration.names(party.life) }
    }

    /// Whether the newest configuration names another life of this party's node. Words of the others must not change whom words to
    /// the member are meant for.
    private func hasOtherLife(_ party: Party) -> Bool {
        guard let member = configurations.newest?.member(party.node) else { return false }
        return member.incarnation != party.incarnation
    }

    /// The other members of the configurations that govern open slots, ascending; of a node that two of them name by different lives, the
    /// life in the newer one.
    var otherLives: [Life] {
        var lives: [Life] = []
        for open in configurations.open(above: chosenUpTo).reversed() {
            for member in open.configuration.members where member.node != identity.node {
                if !lives.contains(where: { $0.node == member.node }) { lives.append(member.life) }
            }
        }
        return lives.sorted { $0.node < $1.node }
    }

    /// Whether this replica's own life votes in any configuration that governs open slots.
    var isVoter: Bool {
        isBorn
            && configurations.open(above: chosenUpTo).contains {
                $0.configuration.isVoter(identity.life)
            }
    }

    /// Whether these lives are a quorum of every configuration that governs open slots.
    func isQuorum(_ lives: [Life]) -> Bool {
        configurations.open(above: chosenUpTo).allSatisfy { open in
            lives.count { open.configuration.isVoter($0) } >= open.configuration.quorum
        }
    }
}

extension Message {
    fileprivate func restsOn(_ vow: Vow) -> Bool {
        switch (self, vow) {
        case (.prepare(let word), .stand(let ballot)): word.ballot == ballot
        case (.promise(let word), .promise(let ballot, _, _)): word.ballot == ballot
        case (.accepted(let word), .accept(let acknowledgement)): word.acknowledgement == acknowledgement
        default: false
        }
    }
}
