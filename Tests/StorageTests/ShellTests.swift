import Foundation
import KeyValue
import Paxos
import Replica
import Storage
import Testing

/// Anybody may look into the files with the `sqlite3` shell while the node runs.
@Suite struct ShellTests {
    let replicas = Replicas()

    @Test func shellsThatComeAndGoTakeNothingWithThem() throws {
        let recorder = Recorder()
        let replica = try replicas.open(recorder)
        var last: UInt64 = 0
        for round in 1...5 {
            let entries = (last + 1...last + 20).map { $0 == 1 ? opening : set($0, "key\($0)", "value") }
            replica.ledger.commit(LedgerWrite(number: UInt64(round), entries: entries, chosenUpTo: Slot(last + 20)))
            replica.table.apply(entries)
            replicas.executor.runDelayed()
            last += 20
            #expect(try shell(replicas.ledgerPath, "SELECT last_slot FROM replica") == "\(last)")
            #expect(try shell(replicas.tablePath(), "SELECT count(*) FROM keys") == "\(last - 1)")
        }
        // The shell was the last to leave: had it taken itself for the only user, it would have deleted the write-ahead log.
        let crashed = try replicas.crashed()
        replica.close()
        let afterCrash = try crashed.open()
        #expect(afterCrash.appliedUpTo == Slot(100))
        #expect(recorder.seen.failures.isEmpty)
    }

    @Test func aShellWithAnOpenReadDoesNotStopWrites() throws {
        let recorder = Recorder()
        let replica = try replicas.open(recorder)
        replica.ledger.commit(LedgerWrite(number: 1, entries: log(through: 10)))
        let reader = Process()
        let input = Pipe()
        let output = Pipe()
        reader.executableURL = URL(fileURLWithPath: "/usr/bin/sqlite3")
        reader.arguments = [replicas.ledgerPath]
        reader.standardInput = input
        reader.standardOutput = output
        try reader.run()
        try input.fileHandleForWriting.write(contentsOf: Array("BEGIN; SELECT count(*) FROM log;\n".utf8))
        #expect(String(decoding: output.fileHandleForReading.availableData, as: UTF8.self) == "10\n")
        replica.ledger.commit(LedgerWrite(number: 2, entries: [set(11, "a", "b")]))
        #expect(recorder.seen.receipts == [1, 2])
        try input.fileHandleForWriting.write(contentsOf: Array("SELECT count(*) FROM log; COMMIT; SELECT count(*) FROM log;\n".utf8))
        try input.fileHandleForWriting.close()
        #expect(String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self) == "10\n11\n")
        reader.waitUntilExit()
    }

    @Test func theViewsReadLikeText() throws {
        let replica = try replicas.open()
        let entries = [
            opening, set(2, "greeting", "hello"), entry(3, .increment(key: bytes("größe"), by: 5)),
            entry(4, .set(key: bytes(String(repeating: "k", count: 300)), value: [], condition: .always, returnsPrevious: false)),
            SlottedEntry(slot: Slot(5), entry: Entry(ballot: ballot(2, 3), stamp: .zero, content: .noOperation)),
        ]
        replica.ledger.commit(LedgerWrite(number: 1, promise: ballot(2, 3), entries: entries, chosenUpTo: Slot(4)))
        replica.table.apply(Array(entries.prefix(4)))
        replicas.executor.runDelayed()
        let log = try shell(
            replicas.ledgerPath, "SELECT slot, ballot, time, kind, operation, substr(key, 1, 9), length(key), is_chosen FROM log_entries")
        #expect(
            log == """
                1|1.1|2023-11-14 22:13:20.001|command|open session||0|1
                2|1.1|2023-11-14 22:13:20.002|command|set|greeting|8|1
                3|1.1|2023-11-14 22:13:20.003|command|increment|größe|5|1
                4|1.1|2023-11-14 22:13:20.004|command|set|kkkkkkkkk|300|1
                5|2.3|1970-01-01 00:00:00.000|no-operation||||0
                """)
        #expect(
            try shell(replicas.ledgerPath, "SELECT * FROM replica")
                == "demo|dc1|shard1|0000000000000abc|1|gathering|2.3|4|0|1|5|table-000001.sqlite")
        #expect(
            try shell(replicas.tablePath(), "SELECT * FROM keys WHERE length(key) < 10")
                == "1|greeting|hello|string|5|2|2\n2|größe|5|string|1|3|3")
        #expect(try shell(replicas.tablePath(), "SELECT session, node_id, answered_below FROM open_sessions") == "000100000000002a|1|2")
    }

    @Test func theFilesSayWhatTheyAre() throws {
        try replicas.open().close()
        for (path, version) in [(replicas.ledgerPath, 3), (replicas.tablePath(), 3)] {
            let pragmas = "PRAGMA page_size; PRAGMA journal_mode; PRAGMA user_version; PRAGMA auto_vacuum"
            #expect(try shell(path, pragmas) == "4096\nwal\n\(version)\n2")
            #expect(try shell(path, "PRAGMA integrity_check; SELECT count(*) FROM migrations") == "ok\n\(version)")
        }
        #expect(try shell(replicas.ledgerPath, "PRAGMA application_id") == "\(0x4463_724C)")
        #expect(try shell(replicas.tablePath(), "PRAGMA application_id") == "\(0x4463_7254)")
    }
}
