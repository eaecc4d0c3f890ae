import KeyValue
import NIOCore
import Replica

/// What a command's outcome looks like to its client.
enum OutcomeForm: Hashable, Sendable {
    /// `MSET`.
    case ok
    /// `SET`: `OK`, or null where the condition did not hold.
    case setResult
    /// `SET … GET`, `GETSET`: the previous value.
    case previous
    /// `SETNX`: 1 or 0.
    case setFlag
    case value
    case values
    case integer
    case type
    /// `SCAN`: the cursor and the keys; without the keys where `TYPE` names a type that no key has.
    case page(isEmpty: Bool)
}

extension ByteBuffer {
    mutating func write(_ reply: ServiceReply, in form: OutcomeForm, as version: ProtocolVersion) {
        switch reply {
        case .failed(let failure): writeError(failure.parts.code, failure.parts.text)
        case .outcome(.failed(let failure)): writeError(failure.errorText)
        case .outcome(let outcome): write(outcome, in: form, as: version)
        }
    }

    private mutating func write(_ outcome: Outcome, in form: OutcomeForm, as version: ProtocolVersion) {
        switch (form, outcome) {
        case (.ok, .done): writeStaticString("+OK\r\n")
        case (.setResult, .set(let isApplied, _)):
            if isApplied { writeStaticString("+OK\r\n") } else { writeNull(as: version) }
        case (.previous, .set(_, let previous)): writeBulk(previous, as: version)
        case (.setFlag, .set(let isApplied, _)): writeStaticString(isApplied ? ":1\r\n" : ":0\r\n")
        case (.value, .value(let value)): writeBulk(value, as: version)
        case (.values, .values(let values)):
            writeNumber("*", Int64(values.count))
            for value in values { writeBulk(value, as: version) }
        case (.integer, .integer(let value)): writeNumber(":", value)
        case (.type, .type(let name)): write(.simple(name ?? "none"), as: version)
        case (.page(let isEmpty), .page(let next, let keys)):
            writeStaticString("*2\r\n")
            write(.text(String(next)), as: version)
            writeNumber("*", isEmpty ? 0 : Int64(keys.count))
            if !isEmpty { for key in keys { writeBulk(key) } }
        default:
            // The outcome may come from another node, so it ends this command only, not the process. The command was carried out.
            writeError("INDETERMINATE the outcome is not of the command's kind")
        }
    }
}

extension ServiceReply {
    /// About what it takes in memory.
    var byteCount: Int {
        guard case .outcome(let outcome) = self else { return 128 }
        switch outcome {
        case .value(let value), .set(_, let value): return (value?.count ?? 0) + 16
        case .values(let values): return values.reduce(16) { $0 + ($1?.count ?? 0) + 16 }
        case .page(_, let keys): return keys.reduce(16) { $0 + $1.count + 16 }
        case .done, .integer, .type, .failed: return 16
        }
    }
}

extension ServiceFailure {
    var errorText: String { "\(parts.code) \(parts.text)" }

    fileprivate var parts: (code: StaticString, text: String) {
        switch self {
        case .noShard(let text): ("NOSHARD", text)
        case .crossShard(let text): ("CROSSSHARD", text)
        case .unavailable(let text): ("UNAVAILABLE", text)
        case .indeterminate(let text): ("INDETERMINATE", text)
        case .busy(let text): ("BUSY", text)
        case .diskFull(let text): ("DISKFULL", text)
        case .tooLarge(let text): ("ERR", text)
        case .stale(let text): ("STALE", text)
        }
    }
}

extension CommandFailure {
    var errorText: String {
        switch self {
        case .notAnInteger: "ERR value is not an integer or out of range"
        case .overflow: "ERR increment or decrement would overflow"
        case .valueTooLarge: "ERR string exceeds maximum allowed size (value-bytes)"
        // An earlier attempt may have been applied: to call these definite could be wrong.
        case .noSession: "INDETERMINATE the node's session with the shard has expired"
        case .alreadyAnswered: "INDETERMINATE the command has been answered before"
        case .sessionFull: "BUSY the node's session with the shard holds as many unanswered results as it may"
        case .outOfOrder: "UNAVAILABLE the command came before one that was handed over earlier: nothing happened"
        }
    }
}
