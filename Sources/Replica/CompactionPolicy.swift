package import Paxos

/// How much of its log a replica gives up: what its table holds durably, but for a tail from which others catch up cheaply.
package struct CompactionPolicy: Hashable {
    /// Slots below the chosen index that are kept for whoever may come.
    package let tailSlots: Int
    /// Slots below the chosen index beyond which nobody is waited for: a snapshot is cheaper than so long a log.
    package let courtesySlots: Int

    package init(tailSlots: Int, courtesySlots: Int) {
        self.tailSlots = tailSlots
        self.courtesySlots = courtesySlots
    }

    /// The last slot that may go. `needed`: the first slots that somebody is known to want, from this log and soon. Without room on
    /// the disk nothing is kept for whoever may come.
    package func upTo(durable: Slot, chosen: Slot, needed: [Slot], hasRoom: Bool = true) -> Slot {
        let wanted = needed.min().map { max($0.before, chosen.earlier(by: courtesySlots)) } ?? chosen
        return min(durable, chosen.earlier(by: hasRoom ? tailSlots : 0), wanted)
    }
}

extension Slot {
    /// None at the beginning.
    fileprivate func earlier(by count: Int) -> Slot { Slot(rawValue - min(rawValue, UInt64(max(0, count)))) }

    fileprivate var before: Slot { earlier(by: 1) }
}
