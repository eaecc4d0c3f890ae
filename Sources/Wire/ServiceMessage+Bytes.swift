package import KeyValue
import NIOCore

/// What a shard's client on one node and the shard's leader on another say to each other, as it stands on the wire.
///
///     propose       session u64, sequence u64, previous u64, length u32, command (the byte form of `SessionCommand`)
///     outcome       session u64, sequence u64, then the byte form of `Outcome` to the section's end
///     refused       session u64, sequence u64, reason u8 (1 not leader, 2 busy, 3 disk full), and for 1: leader node u16, 0 where none is known
///     query         token u64, then the byte form of `Query` to the section's end
///     answer        token u64, then the byte form of `Outcome` to the section's end
///     queryRefused  token u64, then as in refused
///     snapshotWanted       at least u64, slot u64, offset u64
///     snapshotChunk        slot u64, bytes of the whole u64, hash of the whole u64, offset u64, then the piece to the section's end
///     snapshotUnavailable  nothing
///     tableHash            slot u64, hash u64
///     answerTooLarge       token u64, bytes of the answer u64
/// Section kinds. These numbers are the wire format: none is ever given another meaning.
enum ServiceKind: UInt8 {
    case propose = 32
    case outcome = 33
    case refused = 34
    case query = 35
    case answer = 36
    case queryRefused = 37
    case snapshotWanted = 38
    case snapshotChunk = 39
    case snapshotUnavailable = 40
    case tableHash = 41
    case answerTooLarge = 42
}

extension ServiceMessage {
    var kind: ServiceKind {
        switch self {
        case .propose: .propose
        case .outcome: .outcome
        case .refused: .refused
        case .query: .query
        case .answer: .answer
        case .queryRefused: .queryRefused
        case .snapshotWanted: .snapshotWanted
        case .snapshotChunk: .snapshotChunk
        case .snapshotUnavailable: .snapshotUnavailable
        case .tableHash: .tableHash
        case .answerTooLarge: .answerTooLarge
        }
    }

    func write(to bytes: inout ByteBuffer) {
        switch self {
        case .propose(let session, let sequence, let previous, let command):
            bytes.writeMultipleIntegers(session.rawValue, sequence, previous, endianness: .little)
            bytes.writeByteString(command)
        case .outcome(let session, let sequence, let outcome):
            bytes.writeMultipleIntegers(session.rawValue, sequence, endianness: .little)
            bytes.writeBytes(outcome.bytes)
        case .refused(let session, let sequence, let reason):
            bytes.writeMultipleIntegers(session.rawValue, sequence, endianness: .little)
            reason.write(to: &bytes)
        case .query(let token, let query):
            bytes.writeLittle(token)
            bytes.writeBytes(query.bytes)
        case .answer(let token, let outcome):
            bytes.writeLittle(token)
            bytes.writeBytes(outcome.bytes)
        case .queryRefused(let token, let reason):
            bytes.writeLittle(token)
            reason.write(to: &bytes)
        case .snapshotWanted(let request):
            bytes.writeMultipleIntegers(request.atLeast, request.slot, request.offset, endianness: .little)
        case .snapshotChunk(let chunk):
            bytes.writeMultipleIntegers(chunk.slot, chunk.byteCount, chunk.hash, chunk.offset, endianness: .little)
            bytes.writeBytes(chunk.bytes)
        case .snapshotUnavailable: break
        case .tableHash(let slot, let hash): bytes.writeMultipleIntegers(slot, hash, endianness: .little)
        case .answerTooLarge(let token, let byteCount): bytes.writeMultipleIntegers(token, byteCount, endianness: .little)
        }
    }

    init(kind: ServiceKind, from reader: inout BodyReader) throws(WireError) {
        switch kind {
        case .propose:
            self = .propose(
                session: SessionID(rawValue: try reader.integer()), sequence: try reader.integer(), previous: try reader.integer(),
                command: try reader.byteString())
        case .outcome:
            self = .outcome(
                session: SessionID(rawValue: try reader.integer()), sequence: try reader.integer(), try Outcome(restOf: &reader))
        case .refused:
            self = .refused(
                session: SessionID(rawValue: try reader.integer()), sequence: try reader.integer(), try Refusal(from: &reader))
        case .query: self = .query(token: try reader.integer(), try Query(restOf: &reader))
        case .answer: self = .answer(token: try reader.integer(), try Outcome(restOf: &reader))
        case .queryRefused: self = .queryRefused(token: try reader.integer(), try Refusal(from: &reader))
        case .snapshotWanted:
            self = .snapshotWanted(SnapshotRequest(atLeast: try reader.number(), slot: try reader.number(), offset: try reader.number()))
        case .snapshotChunk:
            self = .snapshotChunk(
                SnapshotChunk(
                    slot: try reader.number(), byteCount: try reader.number(), hash: try reader.integer(), offset: try reader.number(),
                    bytes: reader.rest()))
        case .snapshotUnavailable: self = .snapshotUnavailable
        case .tableHash: self = .tableHash(slot: try reader.number(), hash: try reader.integer())
        case .answerTooLarge: self = .answerTooLarge(token: try reader.integer(), byteCount: try reader.integer())
        }
    }
}

extension Refusal: WireCoded {
    func write(to bytes: inout ByteBuffer) {
        switch self {
        case .notLeader(let leader):
            bytes.writeInteger(1 as UInt8)
            bytes.writeLittle(leader ?? 0)
        case .busy: bytes.writeInteger(2 as UInt8)
        case .diskFull: bytes.writeInteger(3 as UInt8)
        }
    }

    init(from reader: inout BodyReader) throws(WireError) {
        switch try reader.integer(as: UInt8.self) {
        case 1:
            let leader: UInt16 = try reader.integer()
            self = .notLeader(leader == 0 ? nil : leader)
        case 2: self = .busy
        case 3: self = .diskFull
        default: throw .malformed("reason of a refusal")
        }
    }
}

extension Outcome {
    fileprivate init(restOf reader: inout BodyReader) throws(WireError) {
        do { try self.init(bytes: reader.rest()) } catch { throw .malformed("outcome: \(error)") }
    }
}

extension Query {
    fileprivate init(restOf reader: inout BodyReader) throws(WireError) {
        do { try self.init(bytes: reader.rest()) } catch { throw .malformed("query: \(error)") }
    }
}
