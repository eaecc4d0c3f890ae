import Paxos
import Replica
import Testing

@Suite("How much of the log is kept")
struct CompactionTests {
    let policy = CompactionPolicy(tailSlots: 100, courtesySlots: 1_000)

    @Test func aTailStays() {
        #expect(policy.upTo(durable: Slot(5_000), chosen: Slot(5_000), needed: []) == Slot(4_900))
        #expect(policy.upTo(durable: Slot(50), chosen: Slot(50), needed: []) == .none)
    }

    @Test func whatTheTableDoesNotHoldDurablyStays() {
        #expect(policy.upTo(durable: Slot(4_000), chosen: Slot(5_000), needed: []) == Slot(4_000))
    }

    @Test func whatAFollowerLacksStaysUpToALimit() {
        #expect(policy.upTo(durable: Slot(5_000), chosen: Slot(5_000), needed: [Slot(4_990), Slot(4_500)]) == Slot(4_499))
        #expect(policy.upTo(durable: Slot(5_000), chosen: Slot(5_000), needed: [Slot(1)]) == Slot(4_000), "a snapshot is cheaper by then")
        #expect(policy.upTo(durable: Slot(5_000), chosen: Slot(5_000), needed: [Slot(5_001)]) == Slot(4_900))
    }

    @Test func withoutRoomNothingIsKeptForWhoeverMayCome() {
        #expect(policy.upTo(durable: Slot(4_990), chosen: Slot(5_000), needed: [], hasRoom: false) == Slot(4_990))
        #expect(policy.upTo(durable: Slot(4_990), chosen: Slot(5_000), needed: [Slot(4_500)], hasRoom: false) == Slot(4_499))
    }

    private func row(bytes: Int) -> SlottedEntry {
        let content = Entry.Content.command([UInt8](repeating: 0, count: bytes))
        return SlottedEntry(slot: Slot(1), entry: Entry(ballot: .zero, stamp: .zero, content: content))
    }

    @Test func aPeerIsSentWhatCostsLess() {
        var cost = CatchUpCost()
        func choice(_ lacked: UInt64, from slot: UInt64 = 1) -> CatchUpCost.Choice {
            cost.choice(from: Slot(slot), through: Slot(slot + lacked - 1))
        }
        #expect(choice(1 << 60) == .log, "nothing is known of the rows")
        cost.read([row(bytes: 1_000), row(bytes: 1_000)])
        #expect(choice(1_000) == .log, "little is always sent as it is")
        #expect(choice(1_000_000) == .logWhileWeighing)
        cost.made(SnapshotOffer(slot: Slot(9), byteCount: 100 << 20, hash: 1))
        #expect(choice(1_000_000) == .snapshot)
        #expect(choice(150_000) == .log, "twice as much as a snapshot is still worth the log")
        #expect(choice(1 << 60) == .snapshot)
        #expect(choice(1_000_000, from: 10) == .logWhileWeighing, "that snapshot ends before what is lacked")
    }
}
