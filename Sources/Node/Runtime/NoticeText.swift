import Paxos
import Sharding

/// What a replica says of its elections and its group's birth, for a person who reads the log.
enum NoticeText {
    static func of(_ notice: Notice, _ cluster: ClusterDescription) -> String {
        func name(_ node: NodeID) -> String { cluster.node(node)?.name ?? "\(node)" }
        func name(_ ballot: Ballot) -> String { "ballot \(ballot.round) of \(name(ballot.node))" }
        return switch notice {
        case .waitingFor(let nodes): "the group waits to be born until \(nodes.map(name).joined(separator: ", ")) can be reached"
        case .groupBorn: "the group is born: from now on any majority will do"
        case .isStranger(let reason): "this replica is a stranger to its group and does not vote: \(reason)"
        case .standing(let ballot): "stands for election with \(name(ballot))"
        case .leads(let ballot): "leads with \(name(ballot))"
        case .steppedDown(let ballot, let reason): "no longer leads with \(name(ballot)): \(reason)"
        case .follows(let node, let ballot): "follows \(name(node)), \(name(ballot))"
        case .handsOver(let node): "hands leadership over to \(name(node))"
        }
    }
}
