import Bench
import Foundation
import Testing

extension ClusterTests {
    @Test(.timeLimit(.minutes(4))) func theRecoveryBenchmarkFindsNoLostWrite() throws {
        var settings = RecoverySettings()
        settings.scenarios = [.all, .kills, .wiped]
        (settings.sizes, settings.clients, settings.away, settings.killSeconds) = ([1000], 8, 0.5, 4)
        let directory = NSTemporaryDirectory() + "decree-recovery-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let driver = DecreeDriver(program: DecreeExecutable.path, port: firstOfFreePorts(count: 23))
        let findings = try Recovery(settings, [driver], in: directory, say: { _ in }).run()
        #expect(findings.map(\.scenario) == ["all", "kills", "wiped"])
        for figure in findings.flatMap(\.figures) where figure.name == "lost writes" || figure.name == "wrong values" {
            #expect(figure.value == 0, "\(figure.name)")
        }
        for figure in findings.flatMap(\.figures) where figure.name == "current after" || figure.name == "first write" {
            #expect(figure.value > 0, "\(figure.name)")
        }
    }

    @Test(.timeLimit(.minutes(2))) func aBenchmarkMeasuresNoOtherClusterInTheServersPlace() async throws {
        try await withCluster { cluster in
            let node = cluster.nodes[0]
            try cluster.start(node)
            cluster.expect(Deadline(30).wait { cluster.status(node) != nil }, "it does not answer:\n\(cluster.lastLines(node))")
            let complaint = failure(of: DecreeDriver(program: DecreeExecutable.path, port: Int(node.client.port)))
            cluster.expect(complaint?.contains("\(node.client), for Decree, is in use") ?? false, "it says \(complaint ?? "nothing")")
        }
    }

    @Test(.timeLimit(.minutes(2))) func aBenchmarkSaysThatAServerHasEnded() throws {
        let complaint = failure(of: DecreeDriver(program: "/bin/false", port: firstOfFreePorts(count: 23)))
        #expect(complaint?.contains("of Decree has ended") == true, "it says \(complaint ?? "nothing")")
    }

    private func failure(of driver: DecreeDriver) -> String? {
        var settings = RecoverySettings()
        settings.scenarios = [.leader]
        let directory = NSTemporaryDirectory() + "decree-recovery-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: directory) }
        do {
            _ = try Recovery(settings, [driver], in: directory, say: { _ in }).run()
            return nil
        } catch {
            return "\(error)"
        }
    }

    /// So many in a row.
    private func firstOfFreePorts(count: UInt16) -> Int {
        var ports = FreePorts.pick(Int(count))
        while ports[ports.count - 1] - ports[0] != count - 1 { ports = FreePorts.pick(Int(count)) }
        return Int(ports[0])
    }
}
