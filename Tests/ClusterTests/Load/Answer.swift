import Linearizability

/// What a reply says about a request.
enum Answer: Hashable, Sendable {
    case result(KeyResult)
    /// It did not and will not happen.
    case refused
    /// It may have happened.
    case unknown
    /// A reply that this request should never get.
    case unexpected(String)

    private static let definite = ["UNAVAILABLE", "NOSHARD", "BUSY", "CROSSSHARD"]

    init(_ reply: RESPValue, to request: Workload.Request) {
        if case .error(let text) = reply {
            let code = text.prefix { $0 != " " }
            self = code == "INDETERMINATE" ? .unknown : Self.definite.contains(String(code)) ? .refused : .unexpected(text)
            return
        }
        guard let result = Self.result(reply, request) else {
            self = .unexpected("\(reply)")
            return
        }
        self = .result(result)
    }

    private static func result(_ reply: RESPValue, _ request: Workload.Request) -> KeyResult? {
        switch (request.input, reply) {
        case (.get, .bulk(let value)):
            return .value(value)
        case (.get, .array(let values)):
            guard values.count == 2 else { return nil }
            // Halves of two writes are a value that nobody wrote.
            return values[0] == values[1] ? .value(values[0].text) : .value("torn: \(values)")
        case (.set, .ok):
            return .done
        case (.setIfAbsent, .ok), (.setIfEqual, .ok):
            return .applied(true)
        case (.setIfAbsent, .bulk(nil)), (.setIfEqual, .bulk(nil)):
            return .applied(false)
        case (.increment, .integer(let number)), (.append, .integer(let number)):
            return .integer(number)
        case (.delete, .integer(let count)):
            return .applied(count == 1)
        default:
            return nil
        }
    }
}
