import Paxos

/// What may happen to one replica.
enum Event: Hashable, Sendable {
    /// Its patience with a silent leader, or with its own candidacy, ends.
    case timeOut
    case heartbeat
    case command
    /// The first so many writes that wait are synced.
    case sync(Int)
    case apply
    /// It crashes and starts again: so many writes that wait had reached the disk, and the table had or had not.
    case restart(kept: Int, keepsTable: Bool)
    /// Rows that a peer has asked for are read from the ledger.
    case ledgerRead
    /// A reader comes, when the table of some replica has slots up to here.
    case readBegins(required: Int)
    /// The table has answered the reader.
    case tableAnswers
    case handover
    /// A message comes, by its number.
    case receive(Int)
}

/// A property that does not hold.
struct Violation: Error, Hashable {
    let property: String
}
