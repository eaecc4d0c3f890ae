import NIOCore

/// What the transports of two nodes say to each other about the way between them.
///
///     greeting   nothing: the first frame of a connection, so that its receiver knows at once who is there
///     probe      number u64, then zeros to the section's end
///     echo       number u64: that of the probe
package enum LinkMessage: Hashable, Sendable {
    case greeting
    /// Answered by an echo. Padded to the size of the largest datagram: an echo then says that such datagrams get through.
    case probe(number: UInt64, padding: Int)
    case echo(number: UInt64)
}

/// Section kinds; the section's shard is 0. These numbers are the wire format: none is ever given another meaning.
enum LinkKind: UInt8 {
    case greeting = 64
    case probe = 65
    case echo = 66
}

extension LinkMessage {
    var kind: LinkKind {
        switch self {
        case .greeting: .greeting
        case .probe: .probe
        case .echo: .echo
        }
    }

    func write(to bytes: inout ByteBuffer) {
        switch self {
        case .greeting: break
        case .probe(let number, let padding):
            bytes.writeLittle(number)
            bytes.writeRepeatingByte(0, count: padding)
        case .echo(let number): bytes.writeLittle(number)
        }
    }

    init(kind: LinkKind, from reader: inout BodyReader) throws(WireError) {
        switch kind {
        case .greeting: self = .greeting
        case .probe:
            let number = try reader.integer(as: UInt64.self)
            self = .probe(number: number, padding: reader.skipRest())
        case .echo: self = .echo(number: try reader.integer())
        }
    }
}
