/// Why bytes are not what they should be. Nothing has been changed; the bytes will never become readable to this version.
package enum CodingError: Error, Hashable, CustomStringConvertible {
    /// The bytes end before the value does.
    case truncated
    /// Bytes are left over behind the value.
    case trailingBytes(Int)
    /// Written by another version of this software.
    case unknownVersion(UInt8)
    /// A version that is known, with a kind that it does not have.
    case unknownKind(UInt8)
    /// A field holds what no writer writes.
    case malformed(String)

    package var description: String {
        switch self {
        case .truncated: "the bytes end too early"
        case .trailingBytes(let count): "\(count) bytes are left over"
        case .unknownVersion(let version): "format version \(version) is unknown"
        case .unknownKind(let kind): "kind \(kind) is unknown"
        case .malformed(let field): "\(field) is malformed"
        }
    }
}
