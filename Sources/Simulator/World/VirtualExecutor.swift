import FaultVFS
import Paxos
import Replica
import Storage
import Synchronization

/// Takes a store's work; the simulation fetches it and does it when its virtual time has come.
final class VirtualExecutor: StorageExecutor {
    struct Work: Sendable {
        let delay: Span?
        let body: @Sendable () -> Void
    }

    private let work = Mutex<[Work]>([])

    func enqueue(_ body: @escaping @Sendable () -> Void) { work.withLock { $0.append(Work(delay: nil, body: body)) } }

    func enqueue(after delay: Span, _ body: @escaping @Sendable () -> Void) {
        work.withLock { $0.append(Work(delay: delay, body: body)) }
    }

    func take() -> [Work] {
        work.withLock { work in
            defer { work = [] }
            return work
        }
    }
}

/// A file's thread: one thing after the other, each taking its time, which is over when its effect is on the disk.
final class VirtualThread {
    let executor = VirtualExecutor()
    /// What its work is done on.
    var file: FileCheck?
    /// Looks at what a piece of work has left on the disk, before anybody is told of it.
    var inspect: (() -> Void)?
    private unowned let life: NodeLife
    private let latency: () -> Span
    private var queue: [@Sendable () -> Void] = []
    private var head = 0
    private var isBusy = false
    /// Then the node's life may be gone.
    private var isOver = false

    init(life: NodeLife, latency: @escaping () -> Span) {
        self.life = life
        self.latency = latency
    }

    /// Fetches what has been handed over. A process that is paused does not stop its disk, and a dead one's disk does nothing.
    func fetch() {
        for work in executor.take() {
            guard let delay = work.delay else {
                queue.append(work.body)
                continue
            }
            life.simulation.after(delay) { [weak self] in
                guard let self, !isOver else { return }
                queue.append(work.body)
                startNext()
            }
        }
        startNext()
    }

    func drop() {
        isOver = true
        queue = []
        head = 0
        _ = executor.take()
    }

    private func startNext() {
        guard !isBusy, head < queue.count, !isOver else { return }
        isBusy = true
        life.simulation.after(latency()) { [weak self] in
            guard let self, !isOver else { return }
            let body = queue[head]
            head += 1
            if head == queue.count {
                queue = []
                head = 0
            }
            isBusy = false
            let bytesBefore = life.node.bytesWrittenToLogs
            body()
            if !life.node.disk.isHalted { inspect?() }
            if let problem = file?.logProblem(since: bytesBefore) { life.simulation.fail("\(problem) (\(life.node.id))") }
            life.storageHasWorked()
            // It may have handed more over, to other threads too.
            if !isOver { life.fetchStorageWork() }
        }
    }
}

/// What a node's stores report, until its loop takes it.
final class StorageReports: Sendable {
    struct Contents: Sendable {
        /// Places of shards whose ledgers have committed.
        var committed: [Int] = []
        /// The mailbox has something that is waited for.
        var isAwaited = false
        var failure: StorageError?
        /// What storage has put right, or could not do, by itself.
        var notices: [String] = []
    }

    let mailbox = StorageMailbox()
    private let contents = Mutex(Contents())

    init() {
        mailbox.open { [weak self] in self?.contents.withLock { $0.isAwaited = true } }
    }

    func handlers(shard ordinal: Int) -> StorageHandlers {
        StorageHandlers(
            completed: { event in
                if case .ledgerCommitted = event { self.contents.withLock { $0.committed.append(ordinal) } }
                self.mailbox.post(event, from: ordinal)
            },
            failed: { error in self.contents.withLock { $0.failure = $0.failure ?? error } }, stalled: { _ in },
            noticed: { notice in self.contents.withLock { $0.notices.append(notice) } })
    }

    func take() -> Contents {
        contents.withLock { contents in
            defer {
                contents.committed = []
                contents.isAwaited = false
                contents.notices = []
            }
            return contents
        }
    }
}
