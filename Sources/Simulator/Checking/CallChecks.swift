package import KeyValue
import Linearizability
package import Paxos
import Replica

/// What has to hold of what one shard's clients were told. Every check gives one line for each violation.
package struct CallChecks: Sendable {
    private let calls: [ClientCall]

    /// In the order of asking.
    package init(_ calls: [ClientCall]) { self.calls = calls }

    /// Every call is answered, once, with an outcome that it can have, unless its node ended before.
    package func answers(isStillUp: (NodeID, _ boot: UInt64) -> Bool) -> [String] {
        calls.compactMap { call in
            switch call.reply {
            case nil: isStillUp(call.node, call.boot) ? "answers: #\(call.number) was never answered" : nil
            case .outcome(let outcome)?:
                call.result == nil ? "answers: #\(call.number) \(call.input) \(call.key) is answered \(outcome)" : nil
            case .failed(.indeterminate)?: call.isRead ? "answers: read #\(call.number) is indeterminate" : nil
            case .failed?: nil
            }
        }
    }

    package func linearizability() -> [String] {
        var operations: [(key: String, call: KeyModel.Call)] = []
        for call in calls where !call.isLocal && !call.mayBeStale {
            guard let outcome = outcome(of: call) else { continue }
            let operation = KeyModel.Call(
                process: call.number, input: call.input, invoked: UInt64(call.invokedAt.nanoseconds), outcome: outcome)
            operations.append((call.key, operation))
        }
        return Checker(KeyModel(), stepsMax: 200_000).check(operations).compactMap { key, verdict in
            verdict.isNotLinearizable ? "linearizability of \(key): \(verdict)" : nil
        }
    }

    /// Nil where it says nothing about the key.
    private func outcome(of call: ClientCall) -> KeyModel.Call.Outcome? {
        switch (call.reply, call.answeredAt) {
        case (.outcome?, let at?): return call.result.map { .returned($0, at: UInt64(at.nanoseconds)) }
        case (.failed(let failure)?, _) where failure.isDefinite: return nil
        default: return call.isRead ? nil : .unknown
        }
    }

    /// The log against what the clients were told: once or not at all, and each process's in the order of their handing over.
    package func effects(of effective: [SessionCommand]) -> [String] {
        var counts: [String: Int] = [:]
        for command in effective { if let tag = command.mutation.tag { counts[tag, default: 0] += 1 } }
        // A client may ask again elsewhere for what it was told nothing definite of.
        var attempts: [String: [ClientCall]] = [:]
        for call in calls { if let tag = call.input.tag { attempts[tag, default: []].append(call) } }
        var problems: [String] = []
        for tag in attempts.keys.sorted() {
            guard let attempts = attempts[tag], let first = attempts.first else { continue }
            let count = counts[tag] ?? 0
            let (acknowledged, refused) = Self.fates(attempts)
            if count >= acknowledged, count <= attempts.count - refused { continue }
            problems.append(
                "exactly once: #\(first.number) \(first.input) was applied \(count) times; of \(attempts.count) attempts "
                    + "\(acknowledged) were acknowledged, and \(refused) were said not to have happened")
        }
        return problems + counters(effective) + sequences(effective) + order(effective)
    }

    /// A counter has what was acknowledged, and at most what may have happened besides.
    private func counters(_ effective: [SessionCommand]) -> [String] {
        var increments: [String: Int] = [:]
        for command in effective {
            if case .increment(let key, _) = command.mutation { increments[String(decoding: key, as: UTF8.self), default: 0] += 1 }
        }
        return counterCalls.compactMap { key, calls in
            let (acknowledged, refused) = Self.fates(calls)
            let count = increments[key] ?? 0
            if count >= acknowledged, count <= calls.count - refused { return nil }
            return "exactly once: \(key) has \(count) increments; \(acknowledged) were acknowledged, "
                + "\(calls.count - refused - acknowledged) are open"
        }
    }

    private static func fates(_ calls: [ClientCall]) -> (acknowledged: Int, refused: Int) {
        let acknowledged = calls.count { if case .outcome? = $0.reply { true } else { false } }
        let refused = calls.count { if case .failed(let failure)? = $0.reply { failure.isDefinite } else { false } }
        return (acknowledged, refused)
    }

    private func sequences(_ effective: [SessionCommand]) -> [String] {
        var problems: [String] = []
        var last: [SessionID: UInt64] = [:]
        for command in effective {
            if let last = last[command.session], last >= command.sequence {
                problems.append("order: \(command.session) applied \(command.sequence) after \(last): \(command.mutation)")
            }
            last[command.session] = command.sequence
        }
        return problems
    }

    /// Also over the sessions of one process: what was handed over later takes effect later.
    private func order(_ effective: [SessionCommand]) -> [String] {
        var handedOver: [String: ClientCall] = [:]
        var repeated: Set<String> = []
        for call in calls {
            if let tag = call.input.tag, handedOver.updateValue(call, forKey: tag) != nil { repeated.insert(tag) }
        }
        var problems: [String] = []
        var last: [[UInt64]: ClientCall] = [:]
        for command in effective {
            guard let tag = command.mutation.tag, let call = handedOver[tag], !repeated.contains(tag) else { continue }
            let process = [UInt64(call.node.rawValue), call.boot]
            if let before = last[process], before.number > call.number {
                problems.append("order: #\(call.number) takes effect after #\(before.number), both handed over at \(call.node)")
            }
            last[process] = call
        }
        return problems
    }

    /// A counter that only goes up: a local read holds every increment acknowledged before the bound, none from the future,
    /// and never goes back in one life.
    /// Age is counted on the clock of the replica that is asked, which is off by at most `clockErrorPerMille`.
    package func localReads(stalenessMax: Span, clockErrorPerMille: Int64 = 20) -> [String] {
        let bound = Span(nanoseconds: stalenessMax.nanoseconds / (1000 - clockErrorPerMille) * 1000)
        return counterCalls.flatMap { key, increments in localReads(of: key, increments, bound: bound) }
    }

    private func localReads(of key: String, _ increments: [ClientCall], bound: Span) -> [String] {
        let acknowledged = increments.compactMap { call in
            if case .outcome? = call.reply { call.answeredAt } else { nil }
        }
        let locals = calls.filter { $0.isLocal && $0.key == key && $0.answeredAt != nil }
        var problems: [String] = []
        var earlier: [[UInt64]: [(answeredAt: Instant, value: Int64)]] = [:]
        for call in locals.sorted(by: { ($0.answeredAt ?? .zero) < ($1.answeredAt ?? .zero) }) {
            guard case .value(let text)? = call.result, let answeredAt = call.answeredAt else { continue }
            let value = text.flatMap { Int64($0) } ?? 0
            let readAt = call.isPart ? call.invokedAt : answeredAt
            let due = acknowledged.count { $0 < readAt - bound }
            let begun = increments.count { $0.invokedAt <= answeredAt }
            let read = "staleness: local read #\(call.number) of \(key) gives \(value)"
            if value < due, !call.mayBeStale { problems.append("\(read); \(due) increments are older than the bound") }
            if value > begun { problems.append("\(read); only \(begun) increments had been asked for") }
            let life = [UInt64(call.node.rawValue), call.boot]
            if let before = earlier[life]?.last(where: { $0.answeredAt <= readAt })?.value, value < before {
                problems.append("\(read), which goes back from \(before)")
            }
            earlier[life, default: []].append((answeredAt, max(value, earlier[life]?.last?.value ?? value)))
        }
        return problems
    }

    /// The increments of each counter, by its key, ascending.
    private var counterCalls: [(key: String, calls: [ClientCall])] {
        var byKey: [String: [ClientCall]] = [:]
        for call in calls where call.input == .increment(by: 1) { byKey[call.key, default: []].append(call) }
        return byKey.keys.sorted().map { ($0, byKey[$0] ?? []) }
    }
}
