/// What is made sure of the write-ahead logs before SQLite opens their files. Nothing in this process has them open yet, and SQLite
/// takes its locks on other files: reading them by other means drops none.
extension ReplicaDirectory {
    /// Makes what stands in the ledger's log durable, and throws where it shows that synced commits would be lost. Says whether it has a
    /// torn tail.
    ///
    /// An earlier life may have ended at a failed sync: its log is then whole in the system's cache, its pages marked clean, and has
    /// a hole on the disk. Written over itself it has none, whatever happens to the next life.
    static func renewLog(of ledgerPath: String, _ fileSystem: any StorageFileSystem) throws(StorageError) -> Bool {
        var log = WriteAheadLog()
        try fileSystem.renew(ledgerPath + "-wal") { log.read($0) }
        guard let frame = log.firstBad, log.losesSyncedCommits else { return log.hasTornTail }
        throw StorageError(
            .damaged,
            "\(ledgerPath)-wal is damaged at frame \(frame): synced commits stand behind it that SQLite would drop; this replica must not "
                + "vote: move its directory away and replace the replica")
    }

    /// What stands in a table's log, durable now. Where commits of it would be lost, pages of the file may be newer than what would be left.
    static func renewedLog(ofTable path: String, _ fileSystem: any StorageFileSystem) throws(StorageError) -> WriteAheadLog {
        var log = WriteAheadLog()
        try fileSystem.renew(path + "-wal") { log.read($0) }
        return log
    }
}
