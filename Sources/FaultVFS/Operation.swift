/// One call that reaches the disk: whoever watches is told of it before it is done, may let virtual time pass, and may spoil it.
package struct Operation: Hashable, Sendable {
    package enum Action: Hashable, Sendable {
        case open
        case read
        case write
        case truncate
        case sync
        case syncDirectory
        case delete
        case makeDirectory
    }

    /// Counts the calls of all kinds since the disk was made, from 1.
    package let number: UInt64
    package let action: Action
    package let file: FileKind
    package let path: String
    /// What is read or written; 0 for the rest.
    package let byteCount: Int
}

/// What can go wrong with one operation.
package enum Fault: Hashable, Sendable {
    /// The call fails and does nothing.
    case error
    /// The call fails for want of room, whatever the capacity. Calls that take no room fail as with `error`.
    case full
    /// A read gives the first half of what is there and says that the file ends. Other calls are not touched.
    case shortRead
    /// A sync fails, *and what it should have written counts as written from then on*, as in Linux: later syncs succeed, readers see
    /// it, and a loss of power takes it away, but for what had reached the platter by chance. Other calls fail as with `error`.
    case failedSync
    /// The machine stops during the call: a write may be found kept, dropped or torn afterwards, a sync done in part.
    /// Nothing is answered from here on; `SimulatedDisk.crash` starts the machine again.
    case powerLoss
}

/// Why a call on the disk failed.
package enum DiskError: Error, Hashable, Sendable {
    /// The process that calls has ended, or its machine has.
    case dead
    case inputOutput
    case full
    /// There is no such file or directory.
    case missing
}
