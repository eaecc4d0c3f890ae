package import Paxos

/// The optional settings of the cluster file, with their defaults.
package struct ClusterSettings: Hashable, Sendable {
    package enum Reads: String, Hashable, Sendable, CaseIterable { case lease, quorum }
    package enum Transport: String, Hashable, Sendable, CaseIterable { case udp, tcp }

    package var reads = Reads.lease
    package var transport = Transport.udp
    package var keyBytesMax = 4096
    package var valueBytesMax = 1_048_576
    /// How long a client waits for an outcome before it is told that there is none.
    package var requestTimeout = Span.milliseconds(5000)
    /// How old a `READONLY` answer may be.
    package var stalenessMax = Span.milliseconds(5000)

    /// Chosen slots that stay in each replica's log for whoever falls behind. One that is connected may need four times as many.
    package var logSlots = 65_536
    /// Of each replica's log, beyond which it keeps no row that its own table does not need.
    package var logBytesMax = 256 << 20
    /// Of each replica, newest first.
    package var snapshotsMax = 2
    /// Kept free on the disk of each node: with less, writes that need room are refused.
    package var diskReserveBytes = 64 << 20

    package init() {}
}
