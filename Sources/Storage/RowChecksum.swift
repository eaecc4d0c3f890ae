package import KeyValue
import Paxos
import SQLite

/// The checksums of the table's rows. Their sum, modulo 2^64, is the table's hash: a write changes it by what the row was and
/// what it is, in any order of rows, and a scan finds it again. Part of the disk format: never changed.
package enum RowChecksum {
    package static func of(
        id: UInt64, key: [UInt8], value: [UInt8], kind: Int64, createdSlot: UInt64, modifiedSlot: UInt64
    ) -> UInt64 {
        value.withUnsafeBytes {
            of(id: id, key: key, value: $0, kind: kind, createdSlot: createdSlot, modifiedSlot: modifiedSlot)
        }
    }

    static func of(
        id: UInt64, key: [UInt8], value: UnsafeRawBufferPointer, kind: Int64, createdSlot: UInt64, modifiedSlot: UInt64
    ) -> UInt64 {
        var state = Checksum.combine(id, UInt64(bitPattern: kind))
        state = Checksum.combine(state, createdSlot)
        state = Checksum.combine(state, modifiedSlot)
        return Checksum.of(value, seed: Checksum.of(key, seed: state))
    }

    package static func of(_ record: SessionRecord) -> UInt64 {
        var state = Checksum.combine(record.id.rawValue, record.timeToLive)
        state = Checksum.combine(state, record.lastStamp)
        state = Checksum.combine(state, record.answeredBelow)
        return Checksum.of(record.results, seed: state)
    }

    /// For the rows of a table that was made before there were checksums.
    static func fill(_ connection: borrowing Connection) throws(SQLiteError) {
        var hash: UInt64 = 0
        let rows = try connection.prepare("SELECT id, key, value, kind, created_slot, modified_slot FROM key_values")
        let update = try connection.prepare("UPDATE key_values SET checksum = ?2 WHERE id = ?1")
        while try rows.step() {
            let checksum = of(
                id: rows.unsigned(0), key: rows.bytes(1), value: rows.bytes(2), kind: rows.integer(3), createdSlot: rows.unsigned(4),
                modifiedSlot: rows.unsigned(5))
            hash &+= checksum
            try update.bind(rows.unsigned(0), at: 1)
            try update.bind(checksum, at: 2)
            try update.run()
        }
        let session = try connection.prepare("UPDATE sessions SET checksum = ?2 WHERE session = ?1")
        for (record, _) in try SessionRows.rows(connection) {
            try session.bind(record.id.rawValue, at: 1)
            try session.bind(of(record), at: 2)
            try session.run()
        }
        let state = try connection.prepare("UPDATE state SET rows_hash = ?1")
        try state.bind(hash, at: 1)
        try state.run()
    }
}
