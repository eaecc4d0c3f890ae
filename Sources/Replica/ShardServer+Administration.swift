import KeyValue
package import Paxos
import Sharding

/// What operators ask of a shard, and what its replicas' tables say of each other.
extension ShardServer {
    package func administer(_ task: ShardTask, completion: @escaping (AdministrationReply) -> Void) {
        let name = settings.shard.name
        let tooMany = AdministrationReply.busy("\(name) is making or reading other snapshots; try again")
        switch task {
        case .makeSnapshot:
            let none = AdministrationReply.unavailable("this node's replica of \(name) has no table to copy: ask another node")
            let isTaken = snapshots.makeSnapshot { completion($0.map(AdministrationReply.snapshot) ?? none) }
            if !isTaken { completion(tooMany) }
        case .readSnapshot(let slot, let offset):
            let gone = AdministrationReply.error("the snapshot at slot \(slot) is not kept any more: make a new one")
            let isTaken = snapshots.readSnapshot(slot: slot, offset: offset) { completion($0.map { .bytes($0.bytes) } ?? gone) }
            if !isTaken { completion(tooMany) }
        case .replace(let node): completion(replace(node))
        }
        timing.requestTurn()
    }

    private func replace(_ node: NodeID) -> AdministrationReply {
        guard replica.group.leads != nil else { return .notLeader(replica.group.leader) }
        for notice in replica.replace(node) {
            if let refusal = notice.refusalOfReplacement { return refusal }
        }
        return .done
    }

    // MARK: Table hashes

    /// To whoever leads, which may be this replica.
    func tell(_ hash: TableHash) {
        guard let leader = replica.group.leader else { return }
        loopback.send(.tableHash(slot: hash.slot.rawValue, hash: hash.value), to: leader)
    }

    func vote(_ hash: TableHash, from node: NodeID) {
        guard replica.group.leads != nil, let configuration = replica.group.configuration else { return }
        let voters = configuration.members.filter(\.isVoter).map(\.node)
        let result = hashVotes.heard(hash, from: node, voters: voters, quorum: configuration.quorum, at: timing.now)
        for node in result.differing { onProblem(.differs(node, at: hash.slot)) }
        guard let agreement = result.agreement else { return }
        client.write(.agreeOnTable(slot: agreement.slot.rawValue, hash: agreement.value)) { _ in }
    }
}

/// What a person should know of tables and snapshots, beside the group's own notices.
package enum ShardProblem: Hashable, Sendable {
    /// A node's table differs from those of a quorum.
    case differs(NodeID, at: Slot)
    case snapshotRefused(Slot, String)
}

extension Notice {
    /// Why a replacement was not begun; nil for what is no refusal of one.
    fileprivate var refusalOfReplacement: AdministrationReply? {
        switch self {
        case .replacement(_, .refused(let refusal)): AdministrationReply(refusal)
        case .replacement(_, .proposed), .waitingFor, .groupBorn, .isStranger, .standing, .leads, .steppedDown, .follows, .handsOver,
            .promotes, .awaitsSnapshot, .snapshotInstalled, .joined, .differsInOrigin:
            nil
        }
    }
}

extension AdministrationReply {
    fileprivate init(_ refusal: ReplacementRefusal) {
        self =
            switch refusal {
            case .doesNotLead: .busy("this node has just begun to lead, or is handing over; try again")
            case .isNoMember: .error("the node that leads can't be replaced, nor one that is in no configuration")
            case .hasNoNewcomer:
                .error(
                    "no new directory of that node has been heard of: start it with an empty one first, and see that it reaches its peers")
            case .mayBeAlive: .busy("the member that would be replaced may be alive: it has to be silent for a while; try again")
            case .changeUnderWay: .busy("another change of members is under way; try again")
            case .hasNoRoom: .busy("too many slots are open; try again")
            }
    }
}
