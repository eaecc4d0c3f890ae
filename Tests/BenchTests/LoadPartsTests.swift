import Bench
import Testing

@Suite("What a load is made of")
struct LoadPartsTests {
    static let second: UInt64 = 1_000_000_000

    @Test("Keys have a prefix and a number, and their size")
    func keys() throws {
        let keys = try KeySpace(count: 10, prefixes: KeySpace.prefixes("ab"))
        #expect(keys.count == 10)
        #expect((0..<10).map(keys.text) == (0..<5).map { "a00000000000000\($0)" } + (0..<5).map { "b00000000000000\($0)" })
        #expect(throws: BenchFailure.self) { try KeySpace(count: 1000, size: 3, prefixes: [.init("a")]) }
        #expect(throws: BenchFailure.self) { try KeySpace.prefixes("a:x") }
    }

    @Test("Prefixes are drawn as often as their weights say", arguments: [1, 2] as [UInt64])
    func weights(seed: UInt64) throws {
        let keys = try KeySpace(count: 1000, prefixes: KeySpace.prefixes("a:9,b:1"))
        var chance = Chance(seed: seed)
        let first = (0..<10_000).count { _ in keys.draw(&chance) < 500 }
        #expect((8800...9200).contains(first))
    }

    @Test("Uniform and zipfian keys are all within the count; few of the latter are popular", arguments: [1, 2, 3, 1000])
    func distributions(count: Int) throws {
        var shares: [Double] = []
        for distribution in KeySpace.Distribution.allCases {
            let keys = try KeySpace(count: count, prefixes: [.init("a")], distribution: distribution)
            var chance = Chance(seed: 7)
            var counts = Array(repeating: 0, count: count)
            for _ in 0..<20_000 { counts[keys.draw(&chance)] += 1 }
            shares.append(Double(counts.max() ?? 0) / 20_000)
        }
        if count == 1000 {
            #expect(shares[0] < 0.005)
            // 1 / (1 + 1/2^0.99 + … + 1/1000^0.99)
            #expect((0.11...0.15).contains(shares[1]))
        }
    }

    @Test("A mix is a name or a percentage", arguments: ["set", "get", "ycsb-a", "ycsb-b", "ycsb-c", "ycsb-f", "12.5"])
    func mixes(text: String) throws { _ = try Mix(text) }

    @Test("Anything else is no mix", arguments: ["", "ycsb-g", "101", "-1"])
    func noMix(text: String) { #expect(throws: BenchFailure.self) { try Mix(text) } }

    @Test("An address needs a host and a port", arguments: ["", "7001", "host:", ":7001", "host:0", "host:65536"])
    func noAddress(text: String) { #expect(throws: BenchFailure.self) { try Endpoint(text) } }

    @Test("An open loop's operations are due at their times, whatever becomes of those before")
    func schedule() {
        var schedule = Schedule(start: 1000, rate: 1_000_000)
        var times: [UInt64] = []
        for _ in 0..<3 {
            times.append(schedule.next)
            schedule.advance()
        }
        #expect(times == [1000, 2000, 3000])
        #expect(schedule.due(until: 11_000) == 7)
        #expect(schedule.due(until: 0) == 0)
    }

    @Test("Latency counts from when an operation should have been sent")
    func latency() throws {
        var recorder = Recorder(now: 0, warmUp: 1, seconds: 2, interval: 1)
        recorder.succeed(.write, intended: Self.second, at: Self.second + 500_000_000)
        let operation = try #require(recorder.result(unsent: 0, cpu: 0, now: 3 * Self.second).operations.first)
        #expect(operation.count == 1)
        #expect(abs(operation.latency.p50 - 500_000) < 1000)
    }

    @Test("What is answered while it warms up, or sent after the end, does not count")
    func window() {
        var recorder = Recorder(now: 0, warmUp: 1, seconds: 2, interval: 1)
        recorder.succeed(.write, intended: 0, at: Self.second - 1)
        recorder.succeed(.write, intended: 3 * Self.second, at: 3 * Self.second)
        recorder.fail("BUSY", at: Self.second - 1)
        let result = recorder.result(unsent: 0, cpu: 0, now: 3 * Self.second)
        #expect(result.operations.isEmpty)
        #expect(result.errors.isEmpty)
    }

    @Test("An answer behind the end counts for latency, not for throughput")
    func late() throws {
        var recorder = Recorder(now: 0, warmUp: 0, seconds: 1, interval: 1)
        recorder.succeed(.write, intended: 0, at: 1)
        recorder.succeed(.write, intended: Self.second - 1, at: 3 * Self.second)
        let operation = try #require(recorder.result(unsent: 0, cpu: 0, now: Self.second).operations.first)
        #expect(operation.count == 1)
        #expect(operation.latency.max > 1_900_000)
    }

    @Test("The longest time without a success is found, at the end too")
    func gaps() {
        var recorder = Recorder(now: 0, warmUp: 0, seconds: 10, interval: 1)
        for second in [1, 2, 6] as [UInt64] { recorder.succeed(.write, intended: 0, at: second * Self.second) }
        let gaps = recorder.result(unsent: 0, cpu: 0, now: 10 * Self.second).gaps
        #expect(gaps.prefix(2).map(\.at) == [2, 6])
        #expect(gaps.prefix(2).map(\.seconds) == [4, 4])
    }

    @Test("Each interval has its own figures, an empty one zeros")
    func timeline() {
        var recorder = Recorder(now: 0, warmUp: 0, seconds: 3, interval: 1)
        recorder.succeed(.read, intended: 0, at: 1)
        recorder.fail("BUSY", at: 2)
        #expect(recorder.roll(Self.second - 1) == nil)
        _ = recorder.roll(2 * Self.second)
        let points = recorder.result(unsent: 0, cpu: 0, now: 2 * Self.second).timeline
        #expect(points.map(\.perSecond) == [1, 0])
        #expect(points.map(\.errorsPerSecond) == [1, 0])
        #expect(points.map(\.at) == [0, 1])
    }

    @Test("A checked key holds at least what was acknowledged, at most what was attempted")
    func checkedKeys() {
        var keys = CheckedKeys(keyCount: 1, clients: 1)
        var chance = Chance(seed: 1)
        let first = keys.attempt(of: 0, &chance)
        keys.acknowledge(first.key, first.number)
        let second = keys.attempt(of: 0, &chance)
        #expect(keys.bounds[0] == .init(acknowledged: 1, attempted: 2))
        keys.refuse(second.key)
        #expect(keys.bounds[0] == .init(acknowledged: 1, attempted: 1))
        let third = keys.attempt(of: 0, &chance)
        keys.giveUp(third.key, of: 0)
        #expect(keys.bounds[0] == .init(acknowledged: 1, attempted: 2))
        #expect(keys.attempt(of: 0, &chance).key == 1)
        #expect(keys.verdict(0, holds: nil) == .init(lost: 1))
        #expect(keys.verdict(0, holds: Array("1:x".utf8)) == .init())
        #expect(keys.verdict(0, holds: Array("2:x".utf8)) == .init())
        #expect(keys.verdict(0, holds: Array("3:x".utf8)) == .init(wrong: 1))
        #expect(keys.verdict(0, holds: Array("?".utf8)) == .init(wrong: 1))
    }
}
