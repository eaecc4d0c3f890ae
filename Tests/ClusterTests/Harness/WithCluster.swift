import Foundation
import Testing

/// Runs a blocking test over a cluster, which it starts as it likes, on a thread of its own: clients block, and the few threads that
/// tests share are not for that. Whatever happens, the processes are ended.
func withCluster(
    _ cluster: @autoclosure () throws -> Cluster = try Cluster(), _ body: @escaping @Sendable (Cluster) throws -> Void
) async throws {
    let cluster = try cluster()
    let failure: (any Error)? = await withCheckedContinuation { continuation in
        _ = Worker("test") {
            do {
                try body(cluster)
                continuation.resume(returning: nil)
            } catch {
                cluster.fail("\(error)")
                continuation.resume(returning: error)
            }
        }
    }
    for finding in cluster.close() {
        Issue.record("\(finding.text)\n  logs and data: \(cluster.directory)", sourceLocation: finding.location)
    }
    if let failure { throw failure }
}
