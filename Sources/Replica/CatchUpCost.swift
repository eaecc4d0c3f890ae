package import Paxos

/// Whether a peer that lacks a part of the log catches up more cheaply by that, or by a snapshot of the table.
package struct CatchUpCost: Hashable {
    /// Less log than this is always sent: a snapshot costs its maker something too.
    package static let logBytesMin: UInt64 = 64 << 20

    /// Of the rows that were read lately, halved now and then, so that old ones weigh less.
    private var rowCount: UInt64 = 0
    private var rowBytes: UInt64 = 0
    /// The newest snapshot that has been made; nil before the first.
    private var newest: SnapshotOffer?

    package init() {}

    package mutating func read(_ rows: [SlottedEntry]) {
        rowCount += UInt64(rows.count)
        rowBytes += rows.reduce(0) { $0 + UInt64($1.entry.byteCount) }
        if rowCount > 1 << 16 {
            rowCount /= 2
            rowBytes /= 2
        }
    }

    package mutating func made(_ offer: SnapshotOffer) { newest = offer }

    package enum Choice: Hashable {
        case log
        case snapshot
        /// The log, until it is known how large a snapshot is that would do.
        case logWhileWeighing
    }

    /// For a peer that lacks everything from `from` to `through`.
    package func choice(from: Slot, through: Slot) -> Choice {
        guard rowCount > 0 else { return .log }
        let (product, overflows) = UInt64(max(0, from.distance(to: through) + 1)).multipliedReportingOverflow(by: rowBytes / rowCount)
        let logBytes = overflows ? .max : product
        guard logBytes >= Self.logBytesMin else { return .log }
        // An older one would not do, and the table may have grown since.
        guard let newest, newest.slot >= from else { return .logWhileWeighing }
        return logBytes / 2 > newest.byteCount ? .snapshot : .log
    }
}
