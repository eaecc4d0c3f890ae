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

    package init() {}
}
