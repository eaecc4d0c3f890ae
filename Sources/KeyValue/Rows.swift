/// The keys and values of one shard as the state machine sees them: SQLite in a node, memory in the reference.
package protocol Rows {
    func value(of key: [UInt8]) throws -> [UInt8]?
    /// The length of the value in bytes; nil where the key does not exist.
    func length(of key: [UInt8]) throws -> Int?
    /// Replaces the value and the modified slot of an existing row, which keeps its id and created slot;
    /// else inserts a row under the id `largestID + 1`.
    mutating func put(_ key: [UInt8], _ value: [UInt8], slot: UInt64) throws
    /// False where there was no such key.
    mutating func remove(_ key: [UInt8]) throws -> Bool
    /// Keys with ids above `id`, ascending by id.
    func keys(after id: UInt64, limit: Int) throws -> [(id: UInt64, key: [UInt8])]
    var count: UInt64 { get }
    /// The largest id ever given; never decreases, so that ids are the same on every replica.
    var largestID: UInt64 { get }
}
