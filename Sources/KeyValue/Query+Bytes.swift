/// The byte form of a query, on its way to a leader. Numbers are little-endian; counts are varints; a key, and a pattern, is a
/// count of bytes and the bytes.
///
///     version u8: 1, kind u8, then by kind:
///     1  get        key
///     2  getMany    count of keys; each key
///     3  exists     count of keys; each key
///     4  length     key
///     5  type       key
///     6  scan       after u64, count i64, pattern: 0, or its length + 1 and its bytes
///     7  count      nothing
///     8  randomKey  seed u64
extension Query {
    package static let version: UInt8 = 1

    package var bytes: [UInt8] {
        var writer = ByteWriter(capacity: 64)
        write(to: &writer)
        return writer.bytes
    }

    /// About the size of the byte form.
    package var byteCount: Int {
        switch self {
        case .get(let key), .length(let key), .type(let key): key.count + 5
        case .getMany(let keys), .exists(let keys): keys.reduce(5) { $0 + $1.count + 3 }
        case .scan(_, _, let pattern): 18 + (pattern?.count ?? 0)
        case .count, .randomKey: 10
        }
    }

    package init(bytes: [UInt8]) throws(CodingError) {
        self = try ByteReader.reading(bytes) { (reader) throws(CodingError) in try Query(from: &reader) }
    }

    package func write(to writer: inout ByteWriter) {
        writer.write(Self.version)
        writer.write(kind.rawValue)
        switch self {
        case .get(let key), .length(let key), .type(let key): writer.write(counted: key)
        case .getMany(let keys), .exists(let keys): writer.write(list: keys)
        case .scan(let after, let count, let pattern):
            writer.write(after)
            writer.write(Int64(count))
            writer.write(optional: pattern)
        case .count: break
        case .randomKey(let seed): writer.write(seed)
        }
    }

    package init(from reader: inout ByteReader) throws(CodingError) {
        let version = try reader.read(UInt8.self)
        guard version == Self.version else { throw .unknownVersion(version) }
        let number = try reader.read(UInt8.self)
        guard let kind = Kind(rawValue: number) else { throw .unknownKind(number) }
        switch kind {
        case .get: self = .get(key: try reader.readCounted())
        case .getMany: self = .getMany(keys: try reader.readList())
        case .exists: self = .exists(keys: try reader.readList())
        case .length: self = .length(key: try reader.readCounted())
        case .type: self = .type(key: try reader.readCounted())
        case .scan:
            let after = try reader.read(UInt64.self)
            guard let count = Int(exactly: try reader.read(Int64.self)) else { throw .malformed("the count of a scan") }
            self = .scan(after: after, count: count, pattern: try reader.readOptional())
        case .count: self = .count
        case .randomKey: self = .randomKey(seed: try reader.read())
        }
    }

    private enum Kind: UInt8 {
        case get = 1
        case getMany = 2
        case exists = 3
        case length = 4
        case type = 5
        case scan = 6
        case count = 7
        case randomKey = 8
    }

    private var kind: Kind {
        switch self {
        case .get: .get
        case .getMany: .getMany
        case .exists: .exists
        case .length: .length
        case .type: .type
        case .scan: .scan
        case .count: .count
        case .randomKey: .randomKey
        }
    }
}
