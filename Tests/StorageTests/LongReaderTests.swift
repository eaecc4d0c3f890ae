import Foundation
import Paxos
import Replica
import SQLite
import Storage
import Testing

/// A reader that stays must not make a write-ahead log grow without limit.
@Suite struct LongReaderTests {
    let recorder = Recorder()
    let replicas: Replicas

    init() {
        var limits = StorageLimits()
        limits.ledgerCheckpointFrames = 4
        limits.ledgerFramesMax = 40
        replicas = Replicas(limits: limits)
    }

    /// Commits until one is not answered; how many were.
    private func fillTheLog(_ replica: OpenReplica, from first: UInt64 = 1) -> UInt64 {
        for number in first...first + 200 {
            replica.ledger.commit(LedgerWrite(number: number, promise: ballot(number)))
            if recorder.seen.receipts.last != number { return number - first }
        }
        return 201
    }

    private var logBytes: Int {
        (try? FileManager.default.attributesOfItem(atPath: replicas.ledgerPath + "-wal")[.size] as? Int) ?? 0
    }

    @Test func withoutOneTheLogStaysSmall() throws {
        let replica = try replicas.open(recorder)
        #expect(fillTheLog(replica) == 201)
        #expect(logBytes < 20 * 4120)
    }

    @Test func writesWaitUntilItHasLeft() throws {
        let replica = try replicas.open(recorder)
        let reader = try Connection(path: replicas.ledgerPath, access: .readOnly, busyTimeout: 0)
        try reader.execute("BEGIN")
        _ = try reader.integer("SELECT count(*) FROM log")
        let answered = fillTheLog(replica)
        #expect(answered > 10 && answered < 50)
        #expect(logBytes < 60 * 4120)
        replica.ledger.read(LedgerRead(token: 1, from: Slot(1), through: Slot(1), byteLimit: .max))
        replicas.executor.runDelayed()
        #expect(recorder.seen.receipts.count == Int(answered), "it is still there")
        #expect(recorder.seen.entries.isEmpty, "answered in order")
        guard case .reader = try #require(recorder.seen.stalls.first).obstacle else {
            Issue.record("\(recorder.seen.stalls)")
            return
        }
        try reader.execute("COMMIT")
        replicas.executor.runDelayed()
        #expect(recorder.seen.receipts.count == Int(answered) + 1, "by itself")
        #expect(recorder.seen.entries.count == 1)
        #expect(fillTheLog(replica, from: 1000) == 201)
        #expect(recorder.seen.failures.isEmpty)
    }

    @Test func itsProcessIsNamed() throws {
        let replica = try replicas.open(recorder)
        let shell = Process()
        let (input, output) = (Pipe(), Pipe())
        shell.executableURL = URL(fileURLWithPath: "/usr/bin/sqlite3")
        shell.arguments = [replicas.ledgerPath]
        shell.standardInput = input
        shell.standardOutput = output
        try shell.run()
        try input.fileHandleForWriting.write(contentsOf: Data("BEGIN; SELECT 'reading', count(*) FROM log;\n".utf8))
        #expect(String(decoding: output.fileHandleForReading.availableData, as: UTF8.self).hasPrefix("reading"))
        #expect(fillTheLog(replica) < 50)
        let stall = try #require(recorder.seen.stalls.first)
        #expect(stall.obstacle == .reader([LockHolder(process: shell.processIdentifier, command: "sqlite3")]))
        #expect(stall.description.contains("process \(shell.processIdentifier) (sqlite3) reads from it"))
        try input.fileHandleForWriting.close()
        shell.waitUntilExit()
        replicas.executor.runDelayed()
        #expect(fillTheLog(replica, from: 1000) == 201)
    }
}
