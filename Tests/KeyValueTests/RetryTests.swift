import KeyValue
import Testing

@Suite struct RetryTests {
    /// Each command up to three times, later copies anywhere among its successors: rows as if each had come once.
    @Test(arguments: Array(1...12) as [UInt64]) func retriesComeToTheSameAsOneAttempt(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let mutations = (0..<400).map { _ in random.mutation() }
        var once = try Shard()
        let outcomes = try mutations.enumerated().map { try once.send($0.element, sequence: UInt64($0.offset + 1)) }

        var often = try Shard()
        var later: [Int] = []
        for index in mutations.indices {
            #expect(try often.send(mutations[index], sequence: UInt64(index + 1)) == outcomes[index], "seed \(seed), command \(index)")
            for _ in 0..<Int.random(in: 0...2, using: &random) { later.append(index) }
            later.shuffle(using: &random)
            while later.count > 8, let retry = later.popLast() {
                #expect(try often.send(mutations[retry], sequence: UInt64(retry + 1)) == outcomes[retry], "seed \(seed), retry of \(retry)")
            }
        }
        #expect(contents(often.table.rows) == contents(once.table.rows), "seed \(seed)")
    }

    /// Without the slots, which the retries move.
    private func contents(_ rows: MemoryRows) -> [String] { rows.rows.map { "\($0.id) \($0.key) \($0.value)" } }
}
