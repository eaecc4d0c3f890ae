package import KeyValue

/// What a gateway talks to: takes any command for any keys, finds the shard and its leader, retries, and answers once.
/// Confined to one thread (the gateway's event loop).
package protocol CommandService: AnyObject {
    /// `completion` is called exactly once, on the same thread, perhaps before this returns.
    /// Commands whose keys lie in several shards are split where `Command` allows it (getMany, exists, delete).
    func execute(_ request: ServiceRequest, completion: @escaping (ServiceReply) -> Void)
    /// `completion` is called exactly once, on the same thread, perhaps before this returns.
    func administer(_ request: AdministrationRequest, completion: @escaping (AdministrationReply) -> Void)
    /// A JSON document: the node's view of itself, its replicas and its peers.
    func statusJSON() -> String
    /// Lines of `name:value` for `INFO`, in order, by section.
    func info() -> [(section: String, fields: [(String, String)])]
}

package enum ServiceRequest: Hashable, Sendable {
    case command(Command)
    /// Any reading command from this datacenter's own table, with bounded staleness.
    case localQuery(Query)
    /// A page of `SCAN` over all shards: the cursor is opaque and starts at 0.
    case scan(cursor: UInt64, count: Int, pattern: [UInt8]?, isLocal: Bool)
    /// The number of keys in all shards.
    case count(isLocal: Bool)
    /// Any key of any shard.
    case randomKey(isLocal: Bool)
}

package enum ServiceReply: Hashable, Sendable {
    case outcome(Outcome)
    case failed(ServiceFailure)
}

/// Why there is no outcome. `isDefinite` says that the command did not and will not happen.
package enum ServiceFailure: Hashable, Sendable {
    /// No shard owns the key: text names the shards and their ranges.
    case noShard(String)
    /// Keys of an atomic command lie in several shards.
    case crossShard(String)
    /// Nothing happened: no leader could be reached in time.
    case unavailable(String)
    /// It may have happened: it was handed to a leader and no answer came in time.
    case indeterminate(String)
    /// Nothing happened: a bound has been reached.
    case busy(String)
    /// Nothing happened: there is no room on the disks.
    case diskFull(String)
    /// A read whose answer is larger than a message between nodes may be.
    case tooLarge(String)
    /// A local read whose bound on staleness can't be kept.
    case stale(String)

    package var isDefinite: Bool {
        if case .indeterminate = self { false } else { true }
    }
}
