package import Paxos

/// Why bytes are not a frame for this node. The frame is counted and dropped; on a stream the connection ends with it.
package enum WireError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The bytes don't begin as a frame does: somebody else's protocol.
    case notOurs
    case version(theirs: UInt8, ours: UInt8)
    /// A flag that this version gives no meaning to: authentication that this node doesn't have.
    case flags(UInt8)
    case foreignCluster
    /// The cluster file here has no such node, or it is this one.
    case unknownSender(NodeID)
    /// The cluster file here gives that number to a node of another name.
    case misnamedSender(NodeID)
    /// Meant for another node: an address in the sender's cluster file leads here by mistake.
    case misaddressed(to: NodeID)
    case tooLarge(byteCount: Int)
    case truncated
    case checksum
    /// The frame is whole, and what stands in it is not a message of this version.
    case malformed(String)

    package var description: String {
        switch self {
        case .notOurs: "not a frame of this protocol"
        case .version(let theirs, let ours): "protocol version \(theirs), where this node speaks version \(ours)"
        case .flags(let flags): "flags \(flags), which this version does not know"
        case .foreignCluster: "a frame of another cluster, or of a node whose cluster file has other shards or keys"
        case .unknownSender(let node): "sender \(node) is not another node of this cluster"
        case .misnamedSender(let node): "sender \(node) has another name in this node's cluster file"
        case .misaddressed(let node): "a frame for \(node)"
        case .tooLarge(let byteCount): "a frame of \(byteCount) bytes"
        case .truncated: "the bytes end too early"
        case .checksum: "the checksum does not match"
        case .malformed(let what): "malformed: \(what)"
        }
    }
}
