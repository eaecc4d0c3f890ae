import Paxos

/// Every state that one replica was seen in, and what follows on it: a state of the whole is three numbers, and a step of the core is
/// carried out once for all the states of the whole in which it may be taken.
final class ReplicaTable {
    /// What the properties of the whole need of a state.
    struct Summary {
        let votes: UInt64
        let proposed: UInt64
        let claimed: UInt64
        let promise: Ballot
        let chosenUpTo: Int
        let applied: Int
        let restarts: Int
        let mayRead: Bool

        /// What is chosen only grows, and so does what each has said: where nothing of it is new, all is as it was judged before.
        func differsInWhatIsJudged(from other: Summary) -> Bool {
            votes != other.votes || claimed != other.claimed || proposed != other.proposed || chosenUpTo != other.chosenUpTo
        }
    }

    struct Successor {
        let event: Event
        let number: Int
    }

    private(set) var states = Interner<ReplicaState>()
    private(set) var summaries: [Summary] = []
    /// By state and receiver: the places, in the receiver's inbox, of what the state has sent.
    private(set) var outgoing: [[Int32]] = []
    /// By state and time: what follows on events that need no message; nil where this was not asked for yet.
    private var own: [[Successor]?] = []
    /// By state and time, then by place in the inbox: the state after that message has come.
    private var received: [[Int32]] = []
    private var reads: [UInt64: Int32] = [:]
    private let times: Int

    static let unknown: Int32 = -1

    init(times: Int) { self.times = times }

    func number(of state: ReplicaState, _ scenario: Scenario, _ vocabulary: Vocabulary) throws(LimitReached) -> Int {
        let (number, isNew) = states.number(of: state)
        guard isNew else { return number }
        guard number < WorldState.numberMax else { throw LimitReached(what: "states of one replica") }
        let node = Int(state.group.identity.node.rawValue) - 1
        summaries.append(
            Summary(
                votes: state.votes, proposed: state.proposed, claimed: state.claimed, promise: state.ledger.promise,
                chosenUpTo: Int(state.group.chosenUpTo.rawValue), applied: Int(state.table.rawValue), restarts: state.restarts,
                mayRead: state.group.leads != nil && state.group.isReadable && state.read == nil
                    && Int(state.reads) < scenario.readsMax[node]))
        var outgoing = Array(repeating: [Int32](), count: Scenario.nodeCount)
        for message in state.sent {
            outgoing[Int(vocabulary.messages[Int(message)].to.node.rawValue) - 1].append(vocabulary.places[Int(message)])
        }
        self.outgoing += outgoing
        own += Array(repeating: nil, count: times)
        received += Array(repeating: [], count: times)
        return number
    }

    @inline(__always)
    func sent(_ number: Int, to receiver: Int) -> [Int32] { outgoing[number * Scenario.nodeCount + receiver] }

    func successors(of number: Int, time: Int) -> [Successor]? { own[number * times + time] }

    func setSuccessors(_ successors: [Successor], of number: Int, time: Int) { own[number * times + time] = successors }

    @inline(__always)
    func successor(of number: Int, time: Int, receiving place: Int32) -> Int32 {
        let row = number * times + time
        return Int(place) < received[row].count ? received[row][Int(place)] : Self.unknown
    }

    func setSuccessor(_ successor: Int, of number: Int, time: Int, receiving place: Int32, inboxCount: Int) {
        let row = number * times + time
        if received[row].count <= Int(place) {
            let count = max(Int(place) + 1, min(inboxCount, received[row].count + 32))
            received[row] += Array(repeating: Self.unknown, count: count - received[row].count)
        }
        received[row][Int(place)] = Int32(successor)
    }

    func readSuccessor(of number: Int, time: Int, required: Int) -> Int32? { reads[readKey(number, time, required)] }

    func setReadSuccessor(_ successor: Int, of number: Int, time: Int, required: Int) {
        reads[readKey(number, time, required)] = Int32(successor)
    }

    private func readKey(_ number: Int, _ time: Int, _ required: Int) -> UInt64 {
        UInt64(number) << 16 | UInt64(time) << 8 | UInt64(required)
    }
}
