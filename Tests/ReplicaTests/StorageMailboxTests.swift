import Paxos
import Replica
import Synchronization
import Testing

@Suite("Storage's completions wake the event loop only where somebody waits for them")
struct StorageMailboxTests {
    private let mailbox = StorageMailbox()
    private let notified = Notified()
    private let onlyCommits = AwaitedCompletions(commits: true, applied: false)
    private let committed = StorageEvent.ledgerCommitted(SyncReceipt(committed: LedgerWrite(number: 1)))

    private final class Notified: Sendable {
        let count = Atomic(0)
    }

    init() {
        mailbox.open { [notified] in notified.count.add(1, ordering: .relaxed) }
    }

    private var count: Int { notified.count.load(ordering: .relaxed) }

    private func applied(_ slot: UInt64) -> StorageEvent { .applied(upTo: Slot(slot), []) }

    @Test func thoseThatComeTogetherNotifyOnce() {
        mailbox.post(applied(1), from: 0)
        mailbox.post(committed, from: 1)
        #expect(count == 1)
        #expect(mailbox.take().map(\.ordinal) == [0, 1])
        mailbox.post(applied(2), from: 0)
        #expect(count == 2)
    }

    @Test func whatNobodyWaitsForComesWithTheNextInItsOrder() {
        #expect(!mailbox.expect(onlyCommits, of: 0))
        mailbox.post(applied(1), from: 0)
        #expect(count == 0)
        mailbox.post(committed, from: 0)
        #expect(count == 1)
        let letters = mailbox.take()
        guard case .applied? = letters.first?.event, case .ledgerCommitted? = letters.last?.event, letters.count == 2 else {
            Issue.record("not in their order: \(letters)")
            return
        }
    }

    @Test func oneShardsPatienceIsNotAnothers() {
        #expect(!mailbox.expect(onlyCommits, of: 1))
        mailbox.post(applied(1), from: 1)
        #expect(count == 0)
        mailbox.post(applied(1), from: 0)
        #expect(count == 1)
    }

    @Test func whatIsThereWhenItBecomesAwaitedIsSaid() {
        #expect(!mailbox.expect(onlyCommits, of: 0))
        mailbox.post(applied(1), from: 0)
        #expect(!mailbox.expect(AwaitedCompletions(commits: false, applied: false), of: 0))
        #expect(mailbox.expect(.all, of: 0))
        #expect(mailbox.take().count == 1)
        #expect(!mailbox.expect(onlyCommits, of: 0))
    }
}

@Suite("A follower's table takes many entries at a time")
struct TableFeedTests {
    private let start = Instant(nanoseconds: 5_000_000_000)

    private func entries(_ slots: ClosedRange<UInt64>) -> [SlottedEntry] {
        slots.map { SlottedEntry(slot: Slot($0), entry: Entry(ballot: .zero, stamp: .zero, content: .noOperation)) }
    }

    @Test func whatHasWaitedLongEnoughIsDue() {
        var feed = TableFeed()
        #expect(!feed.isDue(at: start))
        feed.add(entries(1...2), at: start)
        feed.add(entries(3...3), at: start + .milliseconds(9))
        #expect(!feed.isDue(at: start + .milliseconds(9)))
        #expect(feed.isDue(at: start + .milliseconds(10)))
        #expect(feed.take().map(\.slot) == [Slot(1), Slot(2), Slot(3)])
        #expect(!feed.isDue(at: start + .milliseconds(20)), "nothing is left")
        feed.add(entries(4...4), at: start + .milliseconds(20))
        #expect(!feed.isDue(at: start + .milliseconds(29)), "its own time counts")
    }

    @Test func muchIsDueAtOnce() {
        var feed = TableFeed()
        feed.add(entries(1...63), at: start)
        #expect(!feed.isDue(at: start))
        feed.add(entries(64...64), at: start)
        #expect(feed.isDue(at: start))
    }
}
