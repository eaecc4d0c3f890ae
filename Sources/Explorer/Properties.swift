import Paxos

/// What has to hold of the whole in every state. Which values are chosen is counted here, from the votes that were ever durable; what
/// the cores believe is held against it.
struct Properties {
    let first: ReplicaTable.Summary
    let second: ReplicaTable.Summary
    let third: ReplicaTable.Summary

    /// Votes of two replicas of three.
    var chosenVotes: UInt64 {
        first.votes & second.votes | first.votes & third.votes | second.votes & third.votes
    }

    private var summaries: [ReplicaTable.Summary] { [first, second, third] }

    func check(_ vocabulary: Vocabulary) throws(Violation) {
        let chosen = vocabulary.values(of: chosenVotes)
        for (slot, values) in vocabulary.valuesOfSlot.enumerated() where (values & chosen).nonzeroBitCount > 1 {
            throw Violation(property: "agreement: two values are chosen for slot \(slot)")
        }
        for (index, summary) in summaries.enumerated() {
            if summary.claimed & ~chosen != 0 {
                let number = (summary.claimed & ~chosen).trailingZeroBitCount
                throw Violation(
                    property: "n\(index + 1) takes for chosen what is not: slot \(vocabulary.values[number].slot) = "
                        + vocabulary.values[number].content.text)
            }
            guard summary.chosenUpTo > 0 else { continue }
            for slot in 1...summary.chosenUpTo {
                guard slot < vocabulary.valuesOfSlot.count, vocabulary.valuesOfSlot[slot] & chosen != 0 else {
                    throw Violation(property: "n\(index + 1) says that slot \(slot) is chosen, and no value is durable at a quorum")
                }
            }
        }
    }

    /// A proposal at a ballot is safe where no other value can be or become chosen at a lower one (Paxos Made Simple, §2.2, P2c):
    /// of each quorum somebody has promised more, and has not voted for it.
    func check(proposals: UInt64, of node: Int, _ vocabulary: Vocabulary) throws(Violation) {
        for number in Bits(proposals) {
            let proposal = vocabulary.votes[number]
            for rival in Bits(vocabulary.rivals[number]) where vocabulary.votes[rival].ballot < proposal.ballot {
                let other = vocabulary.votes[rival]
                let supporters = summaries.count { $0.votes & 1 << UInt64(rival) != 0 || $0.promise <= other.ballot }
                if supporters >= 2 {
                    throw Violation(
                        property: "n\(node + 1) proposes \(proposal.value.content.text) for slot \(proposal.slot) at "
                            + "\(proposal.ballot), where \(other.value.content.text) may be chosen at \(other.ballot)")
                }
            }
        }
    }
}
