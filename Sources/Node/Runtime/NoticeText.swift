import Paxos
import Replica
import Sharding

/// What a replica says of its elections and its group's birth, for a person who reads the log.
enum NoticeText {
    static func of(_ problem: ShardProblem, _ cluster: ClusterDescription) -> String {
        switch problem {
        case .differs(let node, let slot):
            """
            THE TABLE OF \(cluster.node(node)?.name ?? "\(node)") DIFFERS from those of a quorum at slot \(slot): it went wrong there, \
            takes itself out of service, and is rebuilt
            """
        case .snapshotRefused(let slot, let text): "the snapshot at slot \(slot) was refused, another is fetched: \(text)"
        }
    }

    static func of(_ notice: Notice, _ cluster: ClusterDescription) -> String {
        func name(_ node: NodeID) -> String { cluster.node(node)?.name ?? "\(node)" }
        func name(_ ballot: Ballot) -> String { "ballot \(ballot.round).\(name(ballot.node))" }
        func milliseconds(_ span: Span) -> String { "\(Int(span.milliseconds)) ms" }
        func text(_ reason: StepDownReason) -> String {
            switch reason {
            case .handedOver(let node): "handed over to \(name(node))"
            case .higherBallot(let ballot, let node): "\(name(node)) knows \(name(ballot))"
            case .ledgerStalled(let span): "the ledger has not synced for \(milliseconds(span))"
            case .tableStalled(let span): "the table has not applied anything for \(milliseconds(span))"
            case .noQuorum(let span): "no quorum has answered for \(milliseconds(span))"
            case .newConfiguration: "the members of a new configuration have to be asked first"
            case .windowFull: "more slots were reported than may be open at once"
            }
        }
        func text(_ reason: StrangerReason) -> String {
            switch reason {
            case .knownOtherwise(let node): "\(name(node)) is in a group that knows another incarnation of it: run decree replace"
            case .knowsNothing(let node):
                """
                \(name(node)) is in a group that its ledger knows nothing of: stop the node, move this shard's directory away, start it, \
                and run decree replace
                """
            case .rolledBack(let end, let acknowledged, let node):
                """
                its ledger ends at slot \(end), but it has acknowledged slot \(acknowledged) to \(name(node)): it is an older \
                copy: stop the node, move this shard's directory away, start it, and run decree replace
                """
            }
        }
        func text(_ refusal: ReplacementRefusal) -> String {
            switch refusal {
            case .doesNotLead: "this replica does not lead, or not yet"
            case .isNoMember: "it is no other member of this group"
            case .hasNoNewcomer: "no new directory of it has been heard of: start it with an empty one first"
            case .mayBeAlive: "the member that it would replace may be alive: ask again once it has been silent for a while"
            case .changeUnderWay: "another change of members is under way"
            case .hasNoRoom: "too many slots are open: ask again"
            }
        }
        func text(_ answer: ReplacementAnswer) -> String {
            switch answer {
            case .proposed(let incarnation): "its new directory (incarnation \(incarnation)) becomes a learner"
            case .refused(let refusal): "refused: \(text(refusal))"
            }
        }
        return switch notice {
        case .waitingFor(let nodes): "the group waits to be born until \(nodes.map(name).joined(separator: ", ")) can be reached"
        case .groupBorn: "the group is born: from now on any majority will do"
        case .isStranger(let reason): "this replica is a stranger to its group and does not vote: \(text(reason))"
        case .standing(let ballot): "stands for election with \(name(ballot))"
        case .leads(let ballot): "leads with \(name(ballot))"
        case .steppedDown(let ballot, let reason): "no longer leads with \(name(ballot)): \(text(reason))"
        case .follows(let node, let ballot): "follows \(name(node)), \(name(ballot))"
        case .handsOver(let node): "hands leadership over to \(name(node))"
        case .replacement(let node, let answer): "replacement of \(name(node)): \(text(answer))"
        case .promotes(let node): "\(name(node)) has caught up and gets its vote"
        case .awaitsSnapshot(let slot): "no log holds what this replica lacks: it waits for a snapshot at slot \(slot) or above"
        case .snapshotInstalled(let slot): "the table is that of a snapshot at slot \(slot)"
        case .joined: "this replica has been given the place of a lost one"
        case .differsInOrigin(let node): "\(name(node)) began with another backup, or with none: they are not born together"
        }
    }
}
