import Bench
import Testing

@Suite("Distance")
struct WanTests {
    @Test("What is sent arrives in its order, once its time has come")
    func line() {
        var line = RelayLine()
        line.append([1], due: 10)
        line.append([2], due: 5)
        line.append([3], due: 20)
        #expect(line.take(by: 9) == nil)
        #expect(line.take(by: 10)?.bytes == [1])
        #expect(line.take(by: 10)?.bytes == [2])
        #expect(line.take(by: 10) == nil)
        #expect(line.nextDue == 20)
        #expect(line.byteCount == 1)
    }

    @Test("What was not taken comes before what is behind it")
    func putBack() {
        var line = RelayLine()
        line.append([1, 2], due: 1)
        line.append([3], due: 2)
        #expect(line.take(by: 5)?.bytes == [1, 2])
        line.putBack([2], due: 4)
        #expect(line.take(by: 3) == nil)
        #expect(line.take(by: 5)?.bytes == [2])
        #expect(line.take(by: 5)?.bytes == [3])
        #expect(line.byteCount == 0)
    }

    @Test("A connection through the relay works, and no answer comes before a round trip")
    func connections() throws {
        let server = try ServerThread { _ in EchoServer.ok }
        defer { server.stop() }
        let port = try freePort()
        let relay = try RelayThread([Relay.Link(port: port, target: server.port, delay: 5_000_000)])
        var settings = LoadSettings(
            endpoints: [Endpoint(host: "127.0.0.1", port: port)], keys: try KeySpace(count: 10, prefixes: [.init("a")]))
        (settings.clients, settings.warmUp, settings.seconds) = (2, 0, 0.2)
        let result = try LoadLoop(settings).run().result
        let report = try relay.stop()
        #expect(result.errors.isEmpty)
        let distribution = try #require(result.operations.first?.distribution)
        // To a thousandth, as histograms have it.
        #expect(distribution.allSatisfy { $0.microseconds >= 9_990 })
        #expect(report.parcels >= 2 * result.count)
        #expect(report.lost == 0)
    }

    @Test("A port that is taken is named")
    func portInUse() throws {
        let port = try freePort()
        let relay = try RelayThread([Relay.Link(port: port, target: port + 1, delay: 0)])
        #expect { try RelayThread([Relay.Link(port: port, target: port + 1, delay: 0)]) } throws: { "\($0)".contains("port \(port)") }
        _ = try relay.stop()
    }

    @Test("Bounds: to the leader and back, and for a write to the node that is nearest to it")
    func bounds() {
        let settings = WanSettings()
        #expect((0..<3).map { settings.bound(.write, client: $0, leader: 0) } == [30, 60, 90])
        #expect((0..<3).map { settings.bound(.write, client: $0, leader: 1) } == [60, 30, 120])
        #expect((0..<3).map { settings.bound(.read, client: $0, leader: 1) } == [30, 0, 90])
        #expect((0..<3).map { settings.bound(.local, client: $0, leader: 1) } == [0, 0, 0])
    }

    /// Free a moment ago.
    private func freePort() throws -> Int {
        let server = try ServerThread { _ in EchoServer.ok }
        server.stop()
        return server.port
    }
}
