/// How one kind of server is started, asked and repaired. Nodes are numbered from 0; files lie in the cluster's directory.
package protocol SystemDriver: Sendable {
    /// As it stands in tables.
    var name: String { get }
    /// Needed to start it, by name or path.
    var program: String { get }
    var peer: LoadSettings.Peer { get }
    /// Where clients of each node connect.
    var endpoints: [Endpoint] { get }
    /// The nodes that take writes.
    var writableNodes: Range<Int> { get }
    /// Redis: replicas that each write waits for.
    var waitFor: Int { get }
    /// Others take over from a leader that is gone. Where they do not, it is started again at once.
    var failsOver: Bool { get }

    /// Files that must be there before the first start.
    func prepare(_ directory: String) throws(BenchFailure)
    func command(_ node: Int, _ directory: String) -> [String]
    /// The node that takes the writes now, where one is known.
    func leader() -> Int?
    /// How far a node is: it has what others had at that position. Nil while it does not answer, or is not in touch with the rest.
    func position(_ node: Int) -> UInt64?
    /// Before a node starts whose files are gone.
    func prepareReturn(_ node: Int) throws(BenchFailure)
    /// After it has started.
    func completeReturn(_ node: Int) throws(BenchFailure)
}

extension SystemDriver {
    package func prepare(_ directory: String) throws(BenchFailure) {}
    package func prepareReturn(_ node: Int) throws(BenchFailure) {}
    package func completeReturn(_ node: Int) throws(BenchFailure) {}
}
