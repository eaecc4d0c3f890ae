package import KeyValue
package import Paxos
package import Replica

/// A replica's snapshots on disk, on an executor of their own: copies of the table made for others, and a peer's received to become
/// the table.
package final class SnapshotStore: SnapshotPort, Sendable {
    let executor: any StorageExecutor
    let handlers: StorageHandlers
    let medium: StorageMedium
    let table: TableStore
    let ledger: LedgerStore
    /// Whose table a received snapshot becomes; its generation is that of none.
    let expected: TableState
    let directory: String
    let desk: GuardedFile<SnapshotDesk>

    /// After an attempt that found no room.
    static let retryInterval = Span.milliseconds(500)

    init(
        _ desk: SnapshotDesk, directory: String, expected: TableState, table: TableStore, ledger: LedgerStore, medium: StorageMedium,
        executor: any StorageExecutor, handlers: StorageHandlers
    ) {
        self.executor = executor
        self.handlers = handlers
        self.medium = medium
        self.table = table
        self.ledger = ledger
        self.expected = expected
        self.directory = directory
        self.desk = GuardedFile(desk, failed: handlers.failed)
    }

    package func offer(atLeast: Slot, isFresh: Bool) {
        executor.enqueue { [self] in
            // Offers are answered in their order: none overtakes one that waits.
            let found: SnapshotOffer?? = desk.perform { (desk) throws(StorageError) in
                if !isFresh, desk.waiting.isEmpty, let offer = try soundOffer(atLeast: atLeast, &desk) { return offer }
                desk.waiting.append(atLeast)
                return nil
            }
            guard let found else { return }
            if let found { handlers.completed(.snapshotOffered(found)) } else { make() }
        }
    }

    package func read(_ request: SnapshotPiece) {
        executor.enqueue { [self] in
            let chunk: SnapshotChunk?? = desk.perform { (desk) throws(StorageError) in
                guard let offer = desk.folder.offer(at: request.slot), request.offset < offer.byteCount,
                    try isSound(offer, &desk)
                else { return nil }
                let bytes = try desk.folder.read(offer, at: request.offset)
                return SnapshotChunk(
                    slot: offer.slot.rawValue, byteCount: offer.byteCount, hash: offer.hash, offset: request.offset, bytes: bytes)
            }
            if let chunk { handlers.completed(.snapshotRead(request, chunk)) }
        }
    }

    package func store(_ chunk: SnapshotChunk) {
        executor.enqueue { [self] in
            let isFirst = desk.perform { (desk) throws(StorageError) in
                desk.chunks.append(chunk)
                return desk.chunks.count == 1
            }
            if isFirst == true { storeChunks() }
        }
    }

    /// Ends what is under way; closes what is open when that is done.
    package func close() {
        desk.beginClosing()
        executor.enqueue { [self] in desk.close() }
    }

    /// One after the other; where there is no room the rest waits for it.
    private func storeChunks() {
        while true {
            let stored: (slot: Slot, upTo: UInt64)?? = desk.perform { (desk) throws(StorageError) in
                guard let chunk = desk.chunks.first else { return nil }
                do throws(StorageError) {
                    let upTo = try desk.receiver.store(chunk)
                    desk.chunks.removeFirst()
                    return (Slot(chunk.slot), upTo)
                } catch {
                    guard error.kind == .full else { throw error }
                    executor.enqueue(after: Self.retryInterval) { [weak self] in self?.storeChunks() }
                    return nil
                }
            }
            guard let stored, let stored else { return }
            handlers.completed(.snapshotStored(slot: stored.slot, upTo: stored.upTo))
        }
    }

    private func soundOffer(atLeast: Slot, _ desk: inout SnapshotDesk) throws(StorageError) -> SnapshotOffer? {
        while let offer = desk.folder.newest(atLeast: atLeast) {
            if try isSound(offer, &desk) { return offer }
        }
        return nil
    }

    private func isSound(_ offer: SnapshotOffer, _ desk: inout SnapshotDesk) throws(StorageError) -> Bool {
        if try desk.folder.isSound(offer) { return true }
        handlers.noticed(
            "\(desk.folder.filePath(offer.slot)) is not what was written, and is gone: a new snapshot will be made when needed")
        return false
    }

    // MARK: Making

    /// On the executor. One at a time: whoever asks meanwhile is answered with it.
    func make() {
        let path: String?? = desk.perform { (desk) throws(StorageError) in
            guard !desk.isMaking, !desk.waiting.isEmpty, !desk.isInstalling else { return nil }
            desk.isMaking = true
            try desk.folder.clearMaking()
            return desk.folder.makingPath
        }
        guard let path, let path else { return }
        table.makeSnapshot(at: path) { [self] result in
            switch result {
            case .failure(let error): executor.enqueue { [self] in giveUp(error) }
            case .success(let point):
                ledger.perform(
                    { (file) throws(StorageError) in try file.configurations(upTo: point.slot) },
                    then: { [self] configurations in executor.enqueue { [self] in finish(point, configurations) } })
            }
        }
    }

    private func finish(_ point: SnapshotPoint, _ configurations: [ChosenConfiguration]) {
        let outcome: Result<SnapshotOffer, StorageError>? = desk.perform { (desk) throws(StorageError) in
            do throws(StorageError) {
                // The same table: what somebody may be reading stays.
                if let offer = desk.folder.offer(at: point.slot), try isSound(offer, &desk) {
                    try desk.folder.clearMaking()
                    return .success(offer)
                }
                try SnapshotFile.finish(desk.folder.makingPath, configurations, vfs: medium.vfs)
                return .success(try desk.folder.keep(point.slot, countMax: medium.limits.snapshotsMax))
            } catch {
                guard error.kind == .full || error.kind == .busy else { throw error }
                return .failure(error)
            }
        }
        switch outcome {
        case nil: return
        case .failure(let error): giveUp(error)
        case .success(let offer): answer(offer)
        }
    }

    private func giveUp(_ error: StorageError) {
        handlers.noticed("no snapshot could be made: \(error)")
        _ = desk.perform { (desk) throws(StorageError) in try desk.folder.clearMaking() }
        answer(nil)
    }

    private func answer(_ offer: SnapshotOffer?) {
        let waiting = desk.perform { (desk) throws(StorageError) in
            defer { desk.waiting = [] }
            desk.isMaking = false
            return desk.waiting
        }
        // A table below what was asked for gives a snapshot that is of no use for it.
        for atLeast in waiting ?? [] { handlers.completed(.snapshotOffered(offer.flatMap { $0.slot >= atLeast ? $0 : nil })) }
    }
}

/// What a snapshot store has at hand.
struct SnapshotDesk: Sendable {
    var folder: SnapshotFolder
    var receiver: SnapshotReceiver
    /// Not stored yet, in their order; the sender bounds them.
    var chunks: [SnapshotChunk] = []
    var isMaking = false
    var isInstalling = false
    /// The slots that offers have been asked for and not answered at.
    var waiting: [Slot] = []
}
