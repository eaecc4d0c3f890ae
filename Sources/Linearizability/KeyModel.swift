/// What a client asks of one key. The names are Redis's commands in whole words.
package enum KeyCommand: Hashable, Sendable {
    case get
    case set(String)
    /// `SET key value NX`
    case setIfAbsent(String)
    /// `SET key value IFEQ expected`: compare-and-set.
    case setIfEqual(expected: String, String)
    case increment(by: Int64)
    case append(String)
    case delete
}

/// What a key answers.
package enum KeyResult: Hashable, Sendable {
    /// To `set`.
    case done
    /// To `get`: nil if there is no such key.
    case value(String?)
    /// To `setIfAbsent` and `setIfEqual`: whether the condition held; to `delete`: whether the key existed.
    case applied(Bool)
    /// To `increment`: the new number; to `append`: the new length in bytes.
    case integer(Int64)
}

/// One key of Decree, or one register of etcd: a value, or none.
package struct KeyModel: Model {
    package var initial: String?

    package init(initial: String? = nil) {
        self.initial = initial
    }

    package func step(_ state: String?, _ input: KeyCommand, _ output: KeyResult?) -> String?? {
        switch input {
        case .get:
            return fits(output, .value(state)) ? .some(state) : nil
        case .set(let value):
            return fits(output, .done) ? .some(value) : nil
        case .setIfAbsent(let value):
            return fits(output, .applied(state == nil)) ? .some(state ?? value) : nil
        case .setIfEqual(let expected, let value):
            let holds = state == expected
            return fits(output, .applied(holds)) ? .some(holds ? value : state) : nil
        case .increment(let amount):
            return increment(state, by: amount, output)
        case .append(let suffix):
            let value = (state ?? "") + suffix
            return fits(output, .integer(Int64(value.utf8.count))) ? .some(value) : nil
        case .delete:
            return fits(output, .applied(state != nil)) ? .some(nil) : nil
        }
    }

    /// Of a value that is no number, or on overflow, an increment is refused and changes nothing.
    private func increment(_ state: String?, by amount: Int64, _ output: KeyResult?) -> String?? {
        guard let number = Int64(state ?? "0") else { return output == nil ? .some(state) : nil }
        let (sum, isOverflow) = number.addingReportingOverflow(amount)
        if isOverflow { return output == nil ? .some(state) : nil }
        return fits(output, .integer(sum)) ? .some(String(sum)) : nil
    }

    private func fits(_ output: KeyResult?, _ actual: @autoclosure () -> KeyResult) -> Bool {
        guard let output else { return true }
        return output == actual()
    }

    package func effect(_ input: KeyCommand, _ output: KeyResult?) -> Effect<String?> {
        // Deleting what is not there leaves it so, too.
        if output == .applied(false) { return .observes }
        switch (input, output) {
        case (.get, _): return .observes
        case (.set(let value), _), (.setIfAbsent(let value), _), (.setIfEqual(_, let value), _): return .leaves(value)
        case (.increment, .integer(let sum)): return .leaves(String(sum))
        case (.increment, _), (.append, _): return .depends
        case (.delete, _): return .leaves(nil)
        }
    }

    package func needed(_ input: KeyCommand, _ output: KeyResult?) -> String?? {
        switch (input, output) {
        case (.get, .value(let value)): .some(value)
        case (.setIfAbsent, .applied(true)), (.delete, .applied(false)): .some(nil)
        case (.setIfEqual(let expected, _), .applied(true)): .some(expected)
        // Counting starts at no key or at 0.
        case (.increment(let amount), .integer(let sum)) where sum != amount: .some(String(sum &- amount))
        default: nil
        }
    }

    package func isBlind(_ input: KeyCommand) -> Bool {
        if case .set = input { true } else { false }
    }
}

extension KeyCommand: CustomStringConvertible {
    package var description: String {
        switch self {
        case .get: "get"
        case .set(let value): "set \(value)"
        case .setIfAbsent(let value): "set \(value) if absent"
        case .setIfEqual(let expected, let value): "set \(value) if equal to \(expected)"
        case .increment(let amount): "increment by \(amount)"
        case .append(let suffix): "append \(suffix)"
        case .delete: "delete"
        }
    }
}

extension KeyResult: CustomStringConvertible {
    package var description: String {
        switch self {
        case .done: "ok"
        case .value(let value): value ?? "nothing"
        case .applied(let isApplied): isApplied ? "applied" : "not applied"
        case .integer(let number): String(number)
        }
    }
}
