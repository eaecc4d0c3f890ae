import KeyValue
import Replica
import Sharding

/// Commands on keys and values.
extension CommandInterpreter {
    /// `SET key value [NX | XX | IFEQ comparison] [GET]`
    func set(_ arguments: Arguments) throws(RequestError) -> Action {
        var condition = Mutation.Condition.always
        var returnsPrevious = false
        var index = 3
        while index < arguments.count {
            if arguments.isWord(index, "GET") {
                returnsPrevious = true
            } else {
                if Self.isExpiry(arguments, index) { throw RequestError("ERR expiry is not supported yet: SET takes NX, XX, IFEQ and GET") }
                guard condition == .always else { throw .syntax }
                if arguments.isWord(index, "NX") {
                    condition = .ifAbsent
                } else if arguments.isWord(index, "XX") {
                    condition = .ifPresent
                } else if arguments.isWord(index, "IFEQ"), index + 1 < arguments.count {
                    index += 1
                    condition = .ifEqual(try value(arguments, index))
                } else {
                    throw .syntax
                }
            }
            index += 1
        }
        return try set(arguments, condition, returnsPrevious: returnsPrevious, returnsPrevious ? .previous : .setResult)
    }

    func set(
        _ arguments: Arguments, _ condition: Mutation.Condition, returnsPrevious: Bool, _ form: OutcomeForm
    ) throws(RequestError) -> Action {
        let key = try key(arguments, 1)
        let value = try value(arguments, 2)
        return .mutation(.set(key: key, value: value, condition: condition, returnsPrevious: returnsPrevious), form)
    }

    private static func isExpiry(_ arguments: Arguments, _ index: Int) -> Bool {
        arguments.isWord(index, "EX") || arguments.isWord(index, "PX") || arguments.isWord(index, "EXAT")
            || arguments.isWord(index, "PXAT") || arguments.isWord(index, "KEEPTTL")
    }

    func setMany(_ arguments: Arguments) throws(RequestError) -> Action {
        guard arguments.count % 2 == 1 else { throw .wrongArity("mset") }
        var pairs: [Mutation.Pair] = []
        pairs.reserveCapacity(arguments.count / 2)
        for index in stride(from: 1, to: arguments.count, by: 2) {
            pairs.append(Mutation.Pair(key: try key(arguments, index), value: try value(arguments, index + 1)))
        }
        return .mutation(.setMany(pairs: pairs), .ok)
    }

    func append(_ arguments: Arguments) throws(RequestError) -> Action {
        let bound = UInt32(clamping: gateway.settings.valueBytesMax)
        return .mutation(.append(key: try key(arguments, 1), value: try value(arguments, 2), resultBytesMax: bound), .integer)
    }

    func decrementBy(_ arguments: Arguments) throws(RequestError) -> Action {
        let amount = try integer(arguments, 2)
        guard amount != .min else { throw RequestError("ERR decrement would overflow") }
        return .mutation(.increment(key: try key(arguments, 1), by: -amount), .integer)
    }

    /// `SCAN cursor [MATCH pattern] [COUNT count] [TYPE type]`
    func scan(_ arguments: Arguments) throws(RequestError) -> Action {
        guard let cursor = UInt64(digits: arguments[1]) else { throw RequestError("ERR invalid cursor") }
        var pattern: [UInt8]?
        var count = 10
        var isEmpty = false
        for index in stride(from: 2, to: arguments.count, by: 2) {
            guard index + 1 < arguments.count else { throw .syntax }
            if arguments.isWord(index, "MATCH") {
                pattern = arguments.copy(index + 1)
            } else if arguments.isWord(index, "COUNT") {
                let wish = try integer(arguments, index + 1)
                guard wish >= 1 else { throw .syntax }
                count = Int(min(wish, Int64(StateMachine.scanCountMax)))
            } else if arguments.isWord(index, "TYPE") {
                isEmpty = !arguments.isWord(index + 1, "STRING")
            } else {
                throw .syntax
            }
        }
        return .query(
            .scan(cursor: cursor, count: count, pattern: pattern, isLocal: client.readsLocally), .page(isEmpty: isEmpty))
    }
}
