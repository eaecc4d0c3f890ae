import KeyValue
import Paxos
import Replica
import Simulator

/// One thread that does one thing after the other, each taking its time.
private final class Worker {
    unowned let life: Life
    private let delay: () -> Span
    private var queue: [() -> Void] = []
    private var head = 0
    private var isBusy = false

    init(life: Life, delay: @escaping () -> Span) {
        self.life = life
        self.delay = delay
    }

    func add(_ work: @escaping () -> Void) {
        queue.append(work)
        startNext()
    }

    private func startNext() {
        guard !isBusy, head < queue.count else { return }
        isBusy = true
        // A process that is paused does not stop its disk, and a dead one's disk does nothing.
        life.world.after(delay()) { [weak self] in
            guard let self, !life.isOver else { return }
            let work = queue[head]
            head += 1
            if head == queue.count {
                queue = []
                head = 0
            }
            isBusy = false
            work()
            startNext()
        }
    }
}

final class SimulatedLedger: LedgerPort {
    private unowned let life: Life
    private let worker: Worker

    init(life: Life) {
        self.life = life
        worker = Worker(life: life) { [unowned life] in life.world.chance.span(life.machine.ledgerDelay) }
    }

    func commit(_ write: LedgerWrite) {
        if life.machine.disk.underWay != nil { life.world.fail("\(life.machine.node) has two writes under way") }
        life.machine.disk.underWay = write
        worker.add { [unowned life] in
            life.machine.disk.sync()
            life.perform { life.server.completed(.ledgerCommitted(SyncReceipt(committed: write))) }
        }
    }

    func read(_ request: LedgerRead) {
        worker.add { [unowned life] in
            var rows: [SlottedEntry] = []
            var bytes = 0
            var slot = request.from
            while slot <= request.through, let entry = life.machine.disk.rows[slot.rawValue] {
                bytes += entry.byteCount
                if !rows.isEmpty, bytes > request.byteLimit { break }
                rows.append(SlottedEntry(slot: slot, entry: entry))
                slot = slot.next
            }
            life.perform { life.server.completed(.ledgerEntries(request, LogRows(entries: rows, compactedUpTo: .none))) }
        }
    }
}

/// Worlds of these tests keep their whole logs, and need no snapshots.
final class NoSnapshots: SnapshotPort {
    func offer(atLeast: Slot, isFresh: Bool) {}
    func read(_ request: SnapshotPiece) {}
    func store(_ chunk: SnapshotChunk) {}
    func install(slot: Slot, replayThrough: Slot) {}
}

extension SimulatedLedger {
    func compact(upTo: Slot, durableUpTo: Slot) {}
}

final class SimulatedTable: TablePort {
    private unowned let life: Life
    private let worker: Worker

    init(life: Life) {
        self.life = life
        worker = Worker(life: life) { [unowned life] in life.world.chance.span(life.machine.tableDelay) }
    }

    func apply(_ entries: [SlottedEntry]) {
        worker.add { [unowned life] in
            let machine = life.machine
            var applied: [AppliedCommand] = []
            for row in entries {
                if let problem = life.world.truth.note(row, appliedBy: machine.node) { life.world.fail(problem) }
                if let command = machine.disk.table.apply(row) { applied.append(command) }
            }
            if life.world.chance.isTrue(perMille: 30) { machine.disk.checkpointTable() }
            let slot = machine.disk.table.appliedUpTo
            life.perform { life.server.completed(.applied(upTo: slot, applied)) }
        }
    }

    func read(_ queries: [Query]) {
        worker.add { [unowned life] in
            let table = life.machine.disk.table.reference
            let answers = queries.map { (try? table.answer($0)) ?? .value(nil) }
            life.perform { life.server.completed(.answers(answers)) }
        }
    }
}
