import KeyValue
import Linearizability
import Paxos
import Replica
import Sharding

/// What has to hold of every run.
extension World {
    func check() {
        checkAnswers()
        checkLinearizability()
        checkEffects()
        checkLocalReads()
        checkTables()
    }

    private func checkAnswers() {
        for call in history.calls {
            guard let reply = call.reply else {
                if machine(call.node).life?.boot == call.boot { fail("#\(call.number) was never answered") }
                continue
            }
            if case .outcome(let outcome) = reply, call.input.result(outcome) == nil { fail("#\(call.number) is answered \(outcome)") }
            if call.isRead, case .failed(.indeterminate) = reply { fail("read #\(call.number) is indeterminate") }
        }
    }

    private func checkLinearizability() {
        var calls: [(key: String, call: KeyModel.Call)] = []
        for call in history.calls where !call.isLocal {
            let outcome: KeyModel.Call.Outcome
            switch (call.reply, call.answeredAt) {
            case (.outcome(let result)?, let at?):
                guard let output = call.input.result(result) else { continue }
                outcome = .returned(output, at: UInt64(at.nanoseconds))
            case (.failed(let failure)?, _) where failure.isDefinite: continue
            default:
                if call.isRead { continue }
                outcome = .unknown
            }
            calls.append(
                (
                    call.key,
                    KeyModel.Call(
                        process: call.number, input: call.input, invoked: UInt64(call.invokedAt.nanoseconds), outcome: outcome)
                ))
        }
        for (key, verdict) in Checker(KeyModel(), stepsMax: 200_000).check(calls) where verdict.isNotLinearizable {
            fail("\(key): \(verdict)")
        }
    }

    /// The log against what the clients were told: once or not at all, and each node's in the order of their handing over.
    private func checkEffects() {
        let effective = truth.effective()
        var effects: [String: Int] = [:]
        var increments = 0
        for command in effective {
            if let tag = command.mutation.tag { effects[tag, default: 0] += 1 }
            if case .increment = command.mutation { increments += 1 }
        }
        var lastBySession: [SessionID: UInt64] = [:]
        for command in effective {
            if let last = lastBySession[command.session], last >= command.sequence {
                fail("\(command.session) applied \(command.sequence) after \(last): \(command.mutation)")
            }
            lastBySession[command.session] = command.sequence
        }
        var acknowledged = 0
        var possible = 0
        for call in history.calls where !call.isLocal {
            let tag = call.input.tag
            let count = tag.map { effects[$0] ?? 0 }
            let isIncrement = call.input == .increment(by: 1)
            switch call.reply {
            case .outcome?:
                if let count, count != 1 { fail("#\(call.number) \(call.input) was acknowledged and applied \(count) times") }
                if isIncrement { acknowledged += 1 }
            case .failed(let failure)? where failure.isDefinite:
                if let count, count != 0 { fail("#\(call.number) \(call.input) was said not to have happened, and was applied") }
            default:
                if let count, count > 1 { fail("#\(call.number) \(call.input) was applied \(count) times") }
                if isIncrement { possible += 1 }
            }
        }
        if increments < acknowledged || increments > acknowledged + possible {
            fail("the counter has \(increments) increments; \(acknowledged) were acknowledged, \(possible) are open")
        }
        checkOrder(effective)
    }

    /// Also over the sessions of one process: what was handed over later takes effect later.
    private func checkOrder(_ effective: [SessionCommand]) {
        var handedOver: [String: History.Call] = [:]
        for call in history.calls { if let tag = call.input.tag { handedOver[tag] = call } }
        var last: [NodeID: History.Call] = [:]
        for command in effective {
            guard let tag = command.mutation.tag, let call = handedOver[tag] else { continue }
            if let before = last[call.node], before.number > call.number {
                fail("#\(call.number) takes effect after #\(before.number), both handed over at \(call.node)")
            }
            last[call.node] = call
        }
    }

    /// A counter that only goes up: a local read holds every increment acknowledged before the bound, none from the future,
    /// and never goes back in one life.
    private func checkLocalReads() {
        let increments = history.calls.filter { $0.input == .increment(by: 1) }
        var last: [[UInt64]: Int64] = [:]
        let locals = history.calls.filter { $0.isLocal && $0.answeredAt != nil }.sorted { $0.answeredAt! < $1.answeredAt! }
        for call in locals {
            guard case .outcome(.value(let bytes))? = call.reply, let answeredAt = call.answeredAt else { continue }
            let value = bytes.flatMap { Int64(String(decoding: $0, as: UTF8.self)) } ?? 0
            let bound = Span(nanoseconds: cluster.stalenessMax.nanoseconds / 1000 * 1020)
            let due = increments.count { call in
                if case .outcome? = call.reply, let at = call.answeredAt { at < answeredAt - bound } else { false }
            }
            let begun = increments.count { $0.invokedAt <= answeredAt }
            if value < due { fail("local read #\(call.number) gives \(value); \(due) increments are older than the bound") }
            if value > begun { fail("local read #\(call.number) gives \(value); only \(begun) increments had been asked for") }
            let life = [UInt64(call.node.rawValue), call.boot]
            if let before = last[life], value < before { fail("local read #\(call.number) goes back from \(before) to \(value)") }
            last[life] = value
        }
    }

    /// Once all is well, every replica has applied the same, to the same end.
    private func checkTables() {
        let slots = machines.map(\.disk.table.appliedUpTo)
        if Set(slots).count > 1 { fail("all is well, and the tables stand at slots \(slots)") }
        for machine in machines where machine.disk.table.appliedUpTo == slots[0] {
            if machine.disk.table.reference != machines[0].disk.table.reference {
                fail("\(machine.node)'s table differs at slot \(slots[0])")
            }
        }
    }
}

extension KeyCommand {
    /// What tells a write from every other one.
    var tag: String? {
        switch self {
        case .set(let value), .setIfAbsent(let value), .setIfEqual(_, let value), .append(let value): value
        case .get, .increment, .delete: nil
        }
    }
}

extension Mutation {
    var tag: String? {
        switch self {
        case .set(_, let value, _, _), .append(_, let value, _): String(decoding: value, as: UTF8.self)
        default: nil
        }
    }
}
