import KeyValue
import Sharding

/// A mutation in the words of the commands that clients send.
enum MutationText {
    static func of(_ mutation: Mutation) -> String {
        switch mutation {
        case .set(let key, let value, let condition, let returnsPrevious):
            "SET \(KeyText.quoted(key)) \(KeyText.quoted(value))\(text(condition))\(returnsPrevious ? " GET" : "")"
        case .setMany(let pairs): "MSET " + keys(pairs.map(\.key))
        case .delete(let names): "DEL " + keys(names)
        case .getAndDelete(let key): "GETDEL \(KeyText.quoted(key))"
        case .append(let key, let value, _): "APPEND \(KeyText.quoted(key)) \(KeyText.quoted(value))"
        case .increment(let key, let step): "INCRBY \(KeyText.quoted(key)) \(step)"
        case .openSession(let timeToLive): "open a session, for \(timeToLive) ms"
        case .keepSession: "keep the session"
        case .agreeOnTable(let slot, let hash): "a quorum's tables had hash \(String(hash, radix: 16)) at slot \(slot)"
        }
    }

    private static func keys(_ keys: [[UInt8]]) -> String {
        let shown = keys.prefix(4).map(KeyText.quoted).joined(separator: " ")
        return keys.count > 4 ? "\(shown) … (\(keys.count) keys)" : shown
    }

    private static func text(_ condition: Mutation.Condition) -> String {
        switch condition {
        case .always: ""
        case .ifAbsent: " NX"
        case .ifPresent: " XX"
        case .ifEqual(let value): " IFEQ \(KeyText.quoted(value))"
        }
    }
}
