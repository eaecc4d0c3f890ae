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

    @Test(.timeLimit(.minutes(2))) func aBenchmarkThatIsInterruptedLeavesNothing() throws {
        let directory = NSTemporaryDirectory() + "decree-interrupted-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: "\(directory)/data", withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let benchmark = try ChildProcess(
            [
                DecreeExecutable.path, "bench", "recovery", "--systems", "decree", "--scenarios", "kills", "--kill-seconds", "60",
                "--directory", "\(directory)/data", "--port", "\(firstOfFreePorts(count: 23))",
            ], standardError: "\(directory)/log")
        defer { benchmark.killAndWait() }
        func files() -> [String] { FileManager.default.enumerator(atPath: "\(directory)/data")?.compactMap { $0 as? String } ?? [] }
        #expect(Deadline(60).wait { files().contains { $0.hasSuffix("ledger.sqlite") } }, "no server has begun")
        benchmark.signal(SIGINT)
        #expect(benchmark.wait(seconds: 30) == .signaled(SIGINT))
        #expect(files().isEmpty)
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
