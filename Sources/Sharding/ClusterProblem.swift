/// Why a cluster can't be as described. Nothing has been touched yet: correct the named field and start again.
package struct ClusterProblem: Error, Hashable, Sendable, CustomStringConvertible {
    /// The path in the cluster file, as `shards.shard1.keys`.
    package let field: String
    /// What is wrong and what to do.
    package let text: String

    package init(field: String, text: String) {
        self.field = field
        self.text = text
    }

    package var description: String { field.isEmpty ? text : "\(field): \(text)" }
}
