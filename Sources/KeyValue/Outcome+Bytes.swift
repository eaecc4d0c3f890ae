/// The byte form of an outcome: on its way to a client's node, and kept in a session's record in the table.
/// Numbers are little-endian; counts are varints; an optional is 0, or its length + 1 and its bytes.
///
///     version u8: 1, kind u8, then by kind:
///     1  done     nothing
///     2  set      isApplied u8, previous value: optional
///     3  value    optional
///     4  values   count; each an optional
///     5  integer  i64
///     6  page     next u64, count of keys; each key: a count of bytes and the bytes
///     7  type     optional, UTF-8
///     8  failed   failure u8, as numbered in `CommandFailure`
extension Outcome {
    package static let version: UInt8 = 1

    package var bytes: [UInt8] {
        var writer = ByteWriter(capacity: byteCount)
        write(to: &writer)
        return writer.bytes
    }

    package init(bytes: [UInt8]) throws(CodingError) {
        self = try ByteReader.reading(bytes) { (reader) throws(CodingError) in try Outcome(from: &reader) }
    }

    /// What an outcome stands for in limits on memory: about its size in bytes. The same on every replica.
    package var byteCount: Int {
        switch self {
        case .done, .integer, .type, .failed, .set(_, nil), .value(nil): 16
        case .set(_, let bytes?), .value(let bytes?): 16 + bytes.count
        case .values(let values): values.reduce(16) { $0 + 8 + ($1?.count ?? 0) }
        case .page(_, let keys): keys.reduce(16) { $0 + 8 + $1.count }
        }
    }

    package func write(to writer: inout ByteWriter) {
        writer.write(Self.version)
        writer.write(kind.rawValue)
        switch self {
        case .done: break
        case .set(let isApplied, let previous):
            writer.write(isApplied ? 1 : 0 as UInt8)
            writer.write(optional: previous)
        case .value(let value): writer.write(optional: value)
        case .values(let values):
            writer.writeVarint(UInt64(values.count))
            for value in values { writer.write(optional: value) }
        case .integer(let number): writer.write(number)
        case .page(let next, let keys):
            writer.write(next)
            writer.write(list: keys)
        case .type(let name): writer.write(optional: name.map { [UInt8]($0.utf8) })
        case .failed(let failure): writer.write(failure.rawValue)
        }
    }

    package init(from reader: inout ByteReader) throws(CodingError) {
        let version = try reader.read(UInt8.self)
        guard version == Self.version else { throw .unknownVersion(version) }
        let number = try reader.read(UInt8.self)
        guard let kind = Kind(rawValue: number) else { throw .unknownKind(number) }
        switch kind {
        case .done: self = .done
        case .set:
            let isApplied = try reader.read(UInt8.self)
            guard isApplied <= 1 else { throw .malformed("whether a set was applied") }
            self = .set(isApplied: isApplied == 1, previous: try reader.readOptional())
        case .value: self = .value(try reader.readOptional())
        case .values:
            let count = try reader.readCount()
            var values: [[UInt8]?] = []
            values.reserveCapacity(count)
            for _ in 0..<count { values.append(try reader.readOptional()) }
            self = .values(values)
        case .integer: self = .integer(try reader.read())
        case .page: self = .page(next: try reader.read(), keys: try reader.readList())
        case .type:
            guard let name = try reader.readOptional() else {
                self = .type(nil)
                return
            }
            guard let text = String(validating: name, as: UTF8.self) else { throw .malformed("the name of a type") }
            self = .type(text)
        case .failed:
            let code = try reader.read(UInt8.self)
            guard let failure = CommandFailure(rawValue: code) else { throw .malformed("a failure (\(code))") }
            self = .failed(failure)
        }
    }

    private enum Kind: UInt8 {
        case done = 1
        case set = 2
        case value = 3
        case values = 4
        case integer = 5
        case page = 6
        case type = 7
        case failed = 8
    }

    private var kind: Kind {
        switch self {
        case .done: .done
        case .set: .set
        case .value: .value
        case .values: .values
        case .integer: .integer
        case .page: .page
        case .type: .type
        case .failed: .failed
        }
    }
}
