import Linearizability
import Testing

@Suite("Random histories")
struct RandomHistoryTests {
    @Test("of a simulated register are linearizable, of any size", arguments: UInt64(1)...20)
    func simulated(seed: UInt64) {
        var register = SimulatedRegister(clients: 6, calls: 400, unknownsPerMille: 30, generator: SeededGenerator(seed: seed))
        let verdict = Checker(KeyModel()).check(register.history())
        #expect(verdict.isLinearizable, "seed \(seed): \(verdict)")
    }

    @Test("with a read of a value that was overwritten long before are not", arguments: UInt64(1)...20)
    func stale(seed: UInt64) throws {
        var register = SimulatedRegister(clients: 6, calls: 400, unknownsPerMille: 30, generator: SeededGenerator(seed: seed))
        var history = register.history()
        // Written and acknowledged in the first quarter, and read again in the last.
        let written = try #require(history.prefix(100).first { if case .set = $0.input { $0.output != nil } else { false } })
        guard case .set(let value) = written.input else { return }
        let read = try #require(history.lastIndex { if case .returned(.value(let seen), _) = $0.outcome { seen != nil } else { false } })
        guard case .returned(_, let returned) = history[read].outcome else { return }
        history[read].outcome = .returned(.value(value), at: returned)
        let verdict = Checker(KeyModel()).check(history)
        #expect(verdict.isNotLinearizable, "seed \(seed): \(verdict)")
    }

    @Test("of a few calls are judged as by trying every order", arguments: UInt64(1)...8)
    func tiny(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        var counts = [true: 0, false: 0]
        for round in 0..<500 {
            let calls = arbitraryHistory(&generator)
            let expected = isLinearizableByBruteForce(calls)
            counts[expected, default: 0] += 1
            let verdict = Checker(KeyModel()).check(calls)
            #expect(verdict.isLinearizable == expected && verdict.isNotLinearizable == !expected, "seed \(seed) round \(round): \(calls)")
            if case .linearizable(let order) = verdict { expectValid(order, calls, "seed \(seed) round \(round)") }
        }
        // Both verdicts must be common, or the comparison shows little.
        #expect(counts.values.allSatisfy { $0 > 50 }, "\(counts)")
    }

    /// Calls with answers that a register may or may not have given.
    private func arbitraryHistory(_ generator: inout SeededGenerator) -> [Call] {
        let values = ["1", "2", "3"]
        return (0..<Int.random(in: 2...7, using: &generator)).map { process in
            let invoked = UInt64.random(in: 0..<20, using: &generator)
            let returned = invoked + UInt64.random(in: 1..<15, using: &generator)
            let value = values.randomElement(using: &generator) ?? "1"
            let other = values.randomElement(using: &generator) ?? "1"
            let isApplied = Bool.random(using: &generator)
            let number = Int64.random(in: 1...4, using: &generator)
            let (input, output): (KeyCommand, KeyResult) =
                switch Int.random(in: 0..<9, using: &generator) {
                case 0...1: (.get, .value(isApplied ? value : nil))
                case 2...3: (.set(value), .done)
                case 4: (.setIfAbsent(value), .applied(isApplied))
                case 5: (.setIfEqual(expected: value, other), .applied(isApplied))
                case 6: (.increment(by: 1), .integer(number))
                case 7: (.append(value), .integer(number))
                default: (.delete, .applied(isApplied))
                }
            let isUnknown = Int.random(in: 0..<4, using: &generator) == 0
            return isUnknown ? call(process, invoked, input) : call(process, invoked, returned, input, output)
        }
    }

    /// The order that the checker gives is itself evidence: each answer follows, and no call comes before one that had ended.
    private func expectValid(_ order: [Int], _ calls: [Call], _ label: String) {
        var state: String?
        var latestInvocation: UInt64 = 0
        for index in order {
            guard let next = KeyModel().step(state, calls[index].input, calls[index].output) else {
                Issue.record("\(label): \(calls[index]) does not follow in \(order)")
                return
            }
            state = next
            if case .returned(_, let returned) = calls[index].outcome { #expect(returned >= latestInvocation, "\(label): \(order)") }
            latestInvocation = max(latestInvocation, calls[index].invoked)
        }
        let known = calls.indices.filter { calls[$0].output != nil }
        #expect(Set(order).isSuperset(of: known) && Set(order).count == order.count, "\(label): \(order)")
    }
}

@Suite("Large histories of one key")
struct LargeHistoryTests {
    @Test("with dozens of clients are judged in bounded steps", arguments: [(32, 4_000), (64, 2_000), (12, 6_000)])
    func manyClients(clients: Int, calls: Int) {
        var register = SimulatedRegister(
            clients: clients, calls: calls, unknownsPerMille: 20, generator: SeededGenerator(seed: UInt64(clients)))
        let verdict = Checker(KeyModel()).check(register.history())
        #expect(verdict.isLinearizable, "\(verdict)")
    }

    @Test func unknownWritesThatNobodySawCostNothing() {
        var calls = (0..<300).map { call(1_000 + $0, UInt64($0), .set("unseen \($0)")) }
        for round in 0..<1_000 as Range<UInt64> {
            let time = 1_000 + 10 * round
            calls.append(call(1, time, time + 5, .set("\(round)"), .done))
            calls.append(call(2, time + 1, time + 9, .get, .value("\(round)")))
        }
        #expect(Checker(KeyModel(), stepsMax: 2_000_000).check(calls).isLinearizable)
        calls.append(call(3, 20_000, 20_001, .get, .value("0")))
        let verdict = Checker(KeyModel(), stepsMax: 2_000_000).check(calls)
        #expect(verdict.isNotLinearizable, "\(verdict)")
    }

    @Test func aHundredUnknownIncrementsAreCounted() {
        var calls = (0..<100).map { call(1_000 + $0, 0, .increment(by: 1)) }
        calls += (0..<500 as Range<UInt64>).map {
            call(1, 10 + 2 * $0, 11 + 2 * $0, .increment(by: 1), .integer(Int64($0 + 1 + min(100, $0))))
        }
        #expect(Checker(KeyModel()).check(calls).isLinearizable)
        calls.append(call(2, 5_000, 5_001, .get, .value("601")))
        #expect(Checker(KeyModel()).check(calls).isNotLinearizable)
    }
}
