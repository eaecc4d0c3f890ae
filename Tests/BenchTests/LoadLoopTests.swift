import Bench
import Foundation
import Synchronization
import Testing

@Suite("Loads over real sockets")
struct LoadLoopTests {
    @Test("A fill writes each key exactly once")
    func fill() throws {
        let outcome = try run(keys: 1000) { settings in settings = settings.filling() }
        #expect(outcome.result.count == 1000)
        #expect(outcome.result.errors.isEmpty)
    }

    @Test("A fill writes again what was refused")
    func fillAgain() throws {
        let refusals = Counter()
        let outcome = try run(
            keys: 100,
            answer: { _ in
                refusals.next().isMultiple(of: 3) ? Array("-BUSY later\r\n".utf8) : EchoServer.ok
            }
        ) { settings in settings = settings.filling() }
        #expect(outcome.result.count == 100)
        #expect(outcome.result.errors["BUSY", default: 0] > 0)
    }

    @Test("Errors are counted by their code, and are no operations")
    func errors() throws {
        let outcome = try run(answer: { _ in Array("-INDETERMINATE lost\r\n".utf8) }) { _ in }
        #expect(outcome.result.count == 0)
        #expect(outcome.result.errors.keys.elementsEqual(["INDETERMINATE"]))
    }

    @Test("An open loop sends what its rate says")
    func openLoop() throws {
        let outcome = try run { settings in settings.rate = 500 }
        let accounted = outcome.result.count + outcome.result.unsent + outcome.result.errorCount
        #expect((90...101).contains(accounted))
    }

    @Test("A read-modify-write reads and then writes, and counts once")
    func readModifyWrite() throws {
        let (gets, sets) = (Counter(), Counter())
        let outcome = try run(answer: { command in
            let isGet = command.count > 8 && command[8] == UInt8(ascii: "G")
            _ = isGet ? gets.next() : sets.next()
            return isGet ? Array("$1\r\nx\r\n".utf8) : EchoServer.ok
        }) { settings in settings.mix = try Mix("ycsb-f") }
        let names = Set(outcome.result.operations.map(\.name))
        #expect(names == ["read", "read-modify-write"])
        #expect(gets.count > sets.count)
        #expect(outcome.result.missing == 0)
    }

    @Test("A SET whose WAIT found too few replicas is no success")
    func wait() throws {
        let outcome = try run(answer: { command in
            command.contains(UInt8(ascii: "W")) && command.count < 60 ? Array(":0\r\n".utf8) : EchoServer.ok
        }) { settings in settings.waitFor = 1 }
        #expect(outcome.result.count == 0)
        #expect(outcome.result.errors["TOOFEWREPLICAS", default: 0] > 0)
    }

    @Test("A checked load knows what each key may hold")
    func checked() throws {
        let outcome = try run(keys: 20) { settings in settings.isChecked = true }
        let bounds = try #require(outcome.checkedKeys).bounds
        #expect(bounds.reduce(0) { $0 + $1.acknowledged } >= outcome.result.count)
        #expect(bounds.allSatisfy { $0.acknowledged <= $0.attempted && $0.attempted <= $0.acknowledged + 1 })
    }

    @Test("A server of another protocol is named with what it says")
    func otherProtocol() {
        #expect { try run(answer: { _ in Array("HTTP/1.1 400 Bad Request\r\n".utf8) }) { _ in } } throws: { error in
            "\(error)".contains("HTTP/1.1 400")
        }
    }

    private func run(
        keys: Int = 100, answer: @escaping @Sendable (UnsafeBufferPointer<UInt8>) -> [UInt8] = { _ in EchoServer.ok },
        _ change: (inout LoadSettings) throws -> Void
    ) throws -> LoadOutcome {
        let server = try ServerThread(answer: answer)
        defer { server.stop() }
        var settings = LoadSettings(
            endpoints: [Endpoint(host: "127.0.0.1", port: server.port)], keys: try KeySpace(count: keys, prefixes: [.init("a")]))
        settings.clients = 4
        settings.warmUp = 0
        settings.seconds = 0.2
        try change(&settings)
        return try LoadLoop(settings).run()
    }
}

final class Counter: Sendable {
    private let value = Atomic(0)

    func next() -> Int { value.add(1, ordering: .relaxed).newValue }
    var count: Int { value.load(ordering: .relaxed) }
}

/// An echo server on a thread of its own.
struct ServerThread {
    let port: Int
    private let control = LoadControl()
    private let ended = DispatchSemaphore(value: 0)

    init(answer: @escaping @Sendable (UnsafeBufferPointer<UInt8>) -> [UInt8]) throws {
        let (control, ended) = (control, ended)
        let bound = DispatchSemaphore(value: 0)
        let box = PortBox()
        Thread.detachNewThread {
            do throws(BenchFailure) {
                let server = try EchoServer(port: 0, answer: answer)
                box.set(.success(server.port))
                bound.signal()
                server.run(control: control)
            } catch {
                box.set(.failure(error))
                bound.signal()
            }
            ended.signal()
        }
        bound.wait()
        self.port = try box.get()
    }

    func stop() {
        control.stop()
        ended.wait()
    }
}

private final class PortBox: Sendable {
    private let port = Mutex<Result<Int, BenchFailure>>(.failure(BenchFailure("not bound yet")))

    func set(_ result: Result<Int, BenchFailure>) { port.withLock { $0 = result } }
    func get() throws -> Int { try port.withLock { $0 }.get() }
}
