/// What `SessionCommand+Bytes.swift` calls kind, first key and rest.
extension Mutation {
    enum Kind: UInt8 {
        case set = 1
        case setMany = 2
        case delete = 3
        case getAndDelete = 4
        case append = 5
        case increment = 6
        case openSession = 7
        case keepSession = 8
        case agreeOnTable = 9
    }

    var kind: Kind {
        switch self {
        case .set: .set
        case .setMany: .setMany
        case .delete: .delete
        case .getAndDelete: .getAndDelete
        case .append: .append
        case .increment: .increment
        case .openSession: .openSession
        case .keepSession: .keepSession
        case .agreeOnTable: .agreeOnTable
        }
    }

    /// Empty where there is none.
    var firstKey: [UInt8] {
        switch self {
        case .set(let key, _, _, _), .getAndDelete(let key), .append(let key, _, _), .increment(let key, _): key
        case .setMany(let pairs): pairs.first?.key ?? []
        case .delete(let keys): keys.first ?? []
        case .openSession, .keepSession, .agreeOnTable: []
        }
    }

    /// About the size of the byte form.
    package var byteCount: Int {
        switch self {
        case .set(let key, let value, .ifEqual(let expected), _): key.count + value.count + expected.count + 11
        case .set(let key, let value, _, _), .append(let key, let value, _): key.count + value.count + 10
        case .setMany(let pairs): pairs.reduce(5) { $0 + $1.key.count + $1.value.count + 7 }
        case .delete(let keys): keys.reduce(5) { $0 + $1.count + 3 }
        case .getAndDelete(let key), .increment(let key, _): key.count + 8
        case .openSession, .keepSession: 8
        case .agreeOnTable: 16
        }
    }

    func writeRest(to writer: inout ByteWriter) {
        switch self {
        case .set(_, let value, let condition, let returnsPrevious):
            writer.write(condition.number | (returnsPrevious ? Self.returnsPreviousFlag : 0))
            if case .ifEqual(let expected) = condition { writer.write(counted: expected) }
            writer.write(counted: value)
        case .setMany(let pairs):
            writer.writeVarint(UInt64(pairs.count))
            for (index, pair) in pairs.enumerated() {
                if index > 0 { writer.write(counted: pair.key) }
                writer.write(counted: pair.value)
            }
        case .delete(let keys):
            writer.writeVarint(UInt64(keys.count))
            for key in keys.dropFirst() { writer.write(counted: key) }
        case .append(_, let value, let resultBytesMax):
            writer.write(resultBytesMax)
            writer.write(counted: value)
        case .increment(_, let amount): writer.write(amount)
        case .openSession(let timeToLive): writer.write(timeToLive)
        case .agreeOnTable(let slot, let hash):
            writer.write(slot)
            writer.write(hash)
        case .getAndDelete, .keepSession: break
        }
    }

    init(kind: Kind, firstKey: [UInt8], restFrom reader: inout ByteReader) throws(CodingError) {
        switch kind {
        case .set: self = try .set(firstKey, from: &reader)
        case .setMany: self = .setMany(pairs: try Self.pairs(firstKey, from: &reader))
        case .delete: self = .delete(keys: try Self.keys(firstKey, from: &reader))
        case .getAndDelete: self = .getAndDelete(key: firstKey)
        case .append: self = try .append(firstKey, from: &reader)
        case .increment: self = .increment(key: firstKey, by: try reader.read())
        case .openSession:
            try Self.requireNone(firstKey)
            self = .openSession(timeToLive: try reader.read())
        case .keepSession:
            try Self.requireNone(firstKey)
            self = .keepSession
        case .agreeOnTable:
            try Self.requireNone(firstKey)
            self = .agreeOnTable(slot: try reader.read(), hash: try reader.read())
        }
    }

    private static let conditionMask: UInt8 = 0b011
    private static let returnsPreviousFlag: UInt8 = 0b100

    private static func set(_ key: [UInt8], from reader: inout ByteReader) throws(CodingError) -> Mutation {
        let flags = try reader.read(UInt8.self)
        guard flags & ~(conditionMask | returnsPreviousFlag) == 0 else { throw .malformed("the flags of a set") }
        let condition: Condition
        switch flags & conditionMask {
        case 0: condition = .always
        case 1: condition = .ifAbsent
        case 2: condition = .ifPresent
        default: condition = .ifEqual(try reader.readCounted())
        }
        return .set(key: key, value: try reader.readCounted(), condition: condition, returnsPrevious: flags & returnsPreviousFlag != 0)
    }

    private static func append(_ key: [UInt8], from reader: inout ByteReader) throws(CodingError) -> Mutation {
        let resultBytesMax = try reader.read(UInt32.self)
        return .append(key: key, value: try reader.readCounted(), resultBytesMax: resultBytesMax)
    }

    private static func pairs(_ firstKey: [UInt8], from reader: inout ByteReader) throws(CodingError) -> [Pair] {
        let count = try reader.readCount()
        if count == 0 { try requireNone(firstKey) }
        var pairs: [Pair] = []
        pairs.reserveCapacity(count)
        for index in 0..<count {
            let key = index == 0 ? firstKey : try reader.readCounted()
            pairs.append(Pair(key: key, value: try reader.readCounted()))
        }
        return pairs
    }

    private static func keys(_ firstKey: [UInt8], from reader: inout ByteReader) throws(CodingError) -> [[UInt8]] {
        // The first of them is not in the rest: one more than what is left.
        let count = try reader.readVarint()
        guard count > 0 else {
            try requireNone(firstKey)
            return []
        }
        guard count - 1 <= UInt64(reader.remaining) else { throw .truncated }
        var keys = [firstKey]
        keys.reserveCapacity(Int(count))
        for _ in 1..<count { keys.append(try reader.readCounted()) }
        return keys
    }

    private static func requireNone(_ firstKey: [UInt8]) throws(CodingError) {
        guard firstKey.isEmpty else { throw .malformed("a key of a command that has none") }
    }
}

extension Mutation.Condition {
    fileprivate var number: UInt8 {
        switch self {
        case .always: 0
        case .ifAbsent: 1
        case .ifPresent: 2
        case .ifEqual: 3
        }
    }
}
