/// What is made sure of the write-ahead logs before SQLite opens their files; only a table's sync comes later. SQLite takes its locks on
/// other files: to open and close these by other means drops none.
extension ReplicaDirectory {
    /// Makes what stands in the ledger's log durable, and throws where it shows that synced commits would be lost. Says whether it has a
    /// torn tail.
    ///
    /// An earlier life may have ended at a failed sync: its log is then whole in the system's cache, its pages marked clean, and has
    /// a hole on the disk. Written over itself it has none, whatever happens to the next life.
    static func renewLog(of ledgerPath: String, _ fileSystem: any StorageFileSystem) throws(StorageError) -> Bool {
        let logPath = ledgerPath + "-wal"
        var log = WriteAheadLog()
        if try fileSystem.renew(logPath, { log.read($0) }) { try fileSystem.sync(logPath) }
        guard let frame = log.firstBad, log.losesSyncedCommits else { return log.hasTornTail }
        throw StorageError(
            .damaged,
            "\(ledgerPath)-wal is damaged at frame \(frame): synced commits stand behind it that SQLite would drop; this replica must not "
                + "vote: move its directory away and replace the replica")
    }

    /// What stands in a table's log. Where commits of it would be lost, pages of the file may be newer than what would be left.
    ///
    /// It becomes durable meanwhile, on `executor`: nothing rests on that before a checkpoint, which syncs the log again.
    static func renewedLog(
        ofTable path: String, _ fileSystem: any StorageFileSystem, executor: any StorageExecutor,
        failed: @escaping @Sendable (StorageError) -> Void
    ) throws(StorageError) -> WriteAheadLog {
        let logPath = path + "-wal"
        var log = WriteAheadLog()
        guard try fileSystem.renew(logPath, { log.read($0) }) else { return log }
        executor.enqueue {
            do throws(StorageError) {
                do throws(StorageError) {
                    try fileSystem.sync(logPath)
                } catch {
                    // The log of a table that another has replaced is deleted with it.
                    if try fileSystem.byteCount(of: logPath) != nil { throw error }
                }
            } catch {
                failed(error)
            }
        }
        return log
    }
}
