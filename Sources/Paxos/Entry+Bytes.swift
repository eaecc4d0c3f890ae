/// The byte form of an entry's content, the same in a ledger row and in a message:
/// a kind, and a payload. 0 no-operation (empty), 1 command (as proposed), 2 configuration
/// (number u64, then per member: node u16, incarnation u64, voter u8; little-endian).
extension Entry.Content {
    package var kind: UInt8 {
        switch self {
        case .noOperation: 0
        case .command: 1
        case .configuration: 2
        }
    }

    package var payload: [UInt8] {
        switch self {
        case .noOperation: return []
        case .command(let bytes): return bytes
        case .configuration(let configuration):
            var bytes: [UInt8] = []
            append(configuration.number, to: &bytes)
            for member in configuration.members {
                append(member.node.rawValue, to: &bytes)
                append(member.incarnation.rawValue, to: &bytes)
                bytes.append(member.isVoter ? 1 : 0)
            }
            return bytes
        }
    }

    /// Nil where the bytes are not a content of this version.
    package init?(kind: UInt8, payload: [UInt8]) {
        switch kind {
        case 0:
            guard payload.isEmpty else { return nil }
            self = .noOperation
        case 1: self = .command(payload)
        case 2:
            guard let configuration = Configuration(payload: payload) else { return nil }
            self = .configuration(configuration)
        default: return nil
        }
    }
}

extension Entry {
    /// Over slot, ballot, stamp, kind and payload: what a ledger row is checked against when it is read.
    package func checksum(at slot: Slot) -> UInt64 {
        var state = Checksum.combine(slot.rawValue, ballot.round)
        state = Checksum.combine(state, UInt64(ballot.node.rawValue) << 8 | UInt64(content.kind))
        state = Checksum.combine(state, stamp.rawValue)
        switch content {
        case .command(let bytes): return Checksum.of(bytes, seed: state)
        case .noOperation, .configuration: return Checksum.of(content.payload, seed: state)
        }
    }
}

extension Configuration {
    fileprivate init?(payload: [UInt8]) {
        let memberSize = 11
        guard payload.count >= 8, (payload.count - 8) % memberSize == 0 else { return nil }
        var members: [Member] = []
        for start in stride(from: 8, to: payload.count, by: memberSize) {
            let node = NodeID(rawValue: integer(payload, at: start))
            let voter = payload[start + 10]
            guard voter <= 1, members.last.map({ $0.node < node }) ?? true else { return nil }
            members.append(Member(node: node, incarnation: Incarnation(rawValue: integer(payload, at: start + 2)), isVoter: voter == 1))
        }
        self.init(number: integer(payload, at: 0), members: members)
    }
}

private func append<Number: FixedWidthInteger>(_ number: Number, to bytes: inout [UInt8]) {
    withUnsafeBytes(of: number.littleEndian) { bytes.append(contentsOf: $0) }
}

private func integer<Number: FixedWidthInteger>(_ bytes: [UInt8], at offset: Int) -> Number {
    bytes.withUnsafeBytes { Number(littleEndian: $0.loadUnaligned(fromByteOffset: offset, as: Number.self)) }
}
