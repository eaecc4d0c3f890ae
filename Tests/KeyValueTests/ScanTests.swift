import KeyValue
import Testing

@Suite struct ScanTests {
    private func shard(keys count: Int) throws -> Shard {
        var shard = try Shard()
        for number in 1...count { try shard.run(.set("key\(number)", "")) }
        return shard
    }

    private func scan(_ shard: Shard, after: UInt64 = 0, count: Int, _ pattern: String? = nil) throws -> (next: UInt64, keys: [String]) {
        guard case .page(let next, let keys) = try shard.table.answer(.scan(after: after, count: count, pattern: pattern.map(bytes))) else {
            Issue.record("a scan answers with a page")
            return (0, [])
        }
        return (next, keys.map { String(decoding: $0, as: UTF8.self) })
    }

    @Test func pagesFollowOneAnotherToTheEnd() throws {
        let shard = try shard(keys: 5)
        #expect(try scan(shard, count: 2) == (2, ["key1", "key2"]))
        #expect(try scan(shard, after: 2, count: 2) == (4, ["key3", "key4"]))
        #expect(try scan(shard, after: 4, count: 2) == (0, ["key5"]))
        #expect(try scan(shard, after: 3, count: 2) == (0, ["key4", "key5"]))
        #expect(try scan(shard, after: .max, count: 2) == (0, []))
    }

    @Test func aPageCountsTheRowsItLooksAtNotThoseItGives() throws {
        #expect(try scan(try shard(keys: 5), count: 3, "*3") == (3, ["key3"]))
        #expect(try scan(try shard(keys: 5), count: 3, "no*") == (3, []))
    }

    @Test func aPageHasABound() throws {
        let shard = try shard(keys: StateMachine.scanCountMax + 1)
        #expect(try scan(shard, count: .max).keys.count == StateMachine.scanCountMax)
        #expect(try scan(shard, count: -1) == (1, ["key1"]))
    }

    @Test func aScanGivesWhatStandsThroughoutOnce() throws {
        var shard = try shard(keys: 20)
        var seen: [String] = []
        var cursor: UInt64 = 0
        var round = 0
        repeat {
            let page = try scan(shard, after: cursor, count: 3)
            seen += page.keys
            cursor = page.next
            round += 1
            try shard.run(.delete("key\(round * 2)"))
            try shard.run(.set("key\(round * 2 + 1)", "changed"))
        } while cursor != 0
        for number in stride(from: 1, through: 19, by: 2) { #expect(seen.count { $0 == "key\(number)" } == 1) }
    }

    @Test func aRandomKeyIsOneThatExists() throws {
        var shard = try shard(keys: 4)
        #expect(try shard.table.answer(.randomKey(seed: 5)) == .value("key2"))
        try shard.run(.delete("key2", "key4"))
        #expect(try shard.table.answer(.randomKey(seed: 1)) == .value("key3"))
        #expect(try shard.table.answer(.randomKey(seed: 3)) == .value("key1"))
        try shard.run(.delete("key1", "key3"))
        #expect(try shard.table.answer(.randomKey(seed: 3)) == .value(nil))
        #expect(try Shard().table.answer(.randomKey(seed: 3)) == .value(nil))
    }
}
