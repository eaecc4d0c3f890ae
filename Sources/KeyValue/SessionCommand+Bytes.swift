/// The byte form of a command in the log (the payload of an entry of kind *command*), and of a proposal on its way to a leader.
/// Replicated and on disk: a form, once released, is never changed; a new one has a new version.
///
/// The first key stands in front, so that a view over the ledger can show it with `substr`.
/// Numbers are little-endian, but for the key's length.
///
///     offset  size  field
///     0       1     version: 1
///     1       1     kind
///     2       2     length k of the first key, big-endian
///     4       k     first key; empty for the commands of a session itself, and where there is no key
///     4 + k   8     session
///     12 + k  8     sequence
///     20 + k  8     answeredBelow
///     28 + k  8     previous
///     36 + k        the rest, by kind:
///
///     kind  command        rest
///     1     set            flags u8: bits 0-1 condition (0 always, 1 if absent, 2 if present, 3 if equal), bit 2 returns previous;
///                          the expected value (only with condition 3); the value
///     2     setMany        count of pairs; the first pair's value; then key and value of each further pair
///     3     delete         count of keys; each further key
///     4     getAndDelete   nothing
///     5     append         the longest value it may make u32; the value
///     6     increment      by i64
///     7     openSession    time to live u64, in milliseconds of the log's stamps
///     8     keepSession    nothing
///     9     agreeOnTable   slot u64; the table's hash at it u64
///
/// A count is a varint: seven bits a byte, the lowest first, the top bit set while more follow. A value, and a further key, is
/// a count of bytes and the bytes. Nothing follows the rest.
extension SessionCommand {
    package static let version: UInt8 = 1
    /// A limit of the form; what a cluster allows is less.
    package static let keyBytesMax = Int(UInt16.max)

    /// The first key must have at most `keyBytesMax` bytes: whoever takes commands in checks it.
    package var bytes: [UInt8] {
        var writer = ByteWriter(capacity: 40 + mutation.byteCount)
        write(to: &writer)
        return writer.bytes
    }

    package func write(to writer: inout ByteWriter) {
        let key = mutation.firstKey
        precondition(key.count <= Self.keyBytesMax, "a key was accepted that the log's form can't hold")
        writer.write(Self.version)
        writer.write(mutation.kind.rawValue)
        writer.writeBigEndian(UInt16(key.count))
        writer.write(raw: key)
        writer.write(session.rawValue)
        writer.write(sequence)
        writer.write(answeredBelow)
        writer.write(previous)
        mutation.writeRest(to: &writer)
    }

    package init(bytes: [UInt8]) throws(CodingError) {
        self = try ByteReader.reading(bytes) { (reader) throws(CodingError) in try SessionCommand(from: &reader) }
    }

    package init(from reader: inout ByteReader) throws(CodingError) {
        let version = try reader.read(UInt8.self)
        guard version == Self.version else { throw .unknownVersion(version) }
        let number = try reader.read(UInt8.self)
        guard let kind = Mutation.Kind(rawValue: number) else { throw .unknownKind(number) }
        let key = try reader.read(raw: Int(try reader.readBigEndian(UInt16.self)))
        self.init(
            session: SessionID(rawValue: try reader.read()), sequence: try reader.read(), answeredBelow: try reader.read(),
            previous: try reader.read(), mutation: try Mutation(kind: kind, firstKey: key, restFrom: &reader))
    }

    /// Whether this version can apply the command. A leader proposes nothing else: in the log it would stop every replica.
    package static func isReadable(_ bytes: [UInt8]) -> Bool {
        (try? SessionCommand(bytes: bytes)) != nil
    }

    /// False for what makes room or keeps none: deletes, and a session's own commands. A leader lets those in while a disk is full.
    package static func needsRoom(_ bytes: [UInt8]) -> Bool {
        guard bytes.count > 1, let kind = Mutation.Kind(rawValue: bytes[1]) else { return true }
        return switch kind {
        case .set, .setMany, .append, .increment: true
        case .delete, .getAndDelete, .openSession, .keepSession, .agreeOnTable: false
        }
    }
}
