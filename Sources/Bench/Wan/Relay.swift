import Glibc
import Histogram

/// Stands between servers of one machine as if they were far apart: datagrams and bytes of connections arrive after a delay.
///
/// A connection's flow control ends at the relay, so its throughput is not bounded by its window, as it would be over a real distance.
package final class Relay {
    /// What is sent to `port` comes out at `target`, `delay` nanoseconds later; a connection's way back takes as long.
    package struct Link: Hashable, Sendable {
        package let port: Int
        package let target: Int
        package let delay: UInt64

        package init(port: Int, target: Int, delay: UInt64) {
            self.port = port
            self.target = target
            self.delay = delay
        }
    }

    /// What the relay itself added and took.
    package struct Report: Sendable {
        package var parcels = 0
        package var lost = 0
        /// How much later than they should have been, in microseconds.
        package var lateMedian = 0.0
        package var lateP99 = 0.0
        package var lateMax = 0.0
        /// The share of one processor.
        package var busy = 0.0
    }

    private struct Door {
        let link: Link
        let target: SocketAddress
        let datagrams: Int32
        let listener: Int32
        var line = RelayLine()
    }

    private enum Source {
        case datagrams(Int)
        case listener(Int)
        case stream(RelayStream, side: Int)
    }

    private var doors: [Door] = []
    private var sources: [Int: Source] = [:]
    private var streams: [RelayStream] = []
    private var poller: Poller
    private var chance: Chance
    /// Up to so much is added to a delay, in nanoseconds.
    private let jitter: UInt64
    /// The share of datagrams that vanish. Of a connection such a share of pieces comes a round trip later, as if sent again.
    private let loss: Double
    private var late = Histogram<UInt32>(
        lowestDiscernibleValue: 64, highestTrackableValue: 60 * Clock.second, numberOfSignificantValueDigits: .three)
    private var lost = 0

    package init(_ links: [Link], jitter: UInt64 = 0, loss: Double = 0, seed: UInt64 = 1) throws(BenchFailure) {
        poller = try Poller()
        self.jitter = jitter
        self.loss = loss
        chance = Chance(seed: seed)
        for (index, link) in links.enumerated() {
            let target = try Endpoint(host: "127.0.0.1", port: link.target).resolved()
            let datagrams = try Self.bound(link.port, SOCK_DGRAM)
            sources[Int(datagrams)] = .datagrams(index)
            let listener = try Self.bound(link.port, SOCK_STREAM)
            sources[Int(listener)] = .listener(index)
            doors.append(Door(link: link, target: target, datagrams: datagrams, listener: listener))
            for socket in [datagrams, listener] { poller.add(socket, as: Int(socket), forWriting: false) }
        }
    }

    deinit {
        for door in doors {
            close(door.datagrams)
            close(door.listener)
        }
    }

    private static func bound(_ port: Int, _ kind: __socket_type) throws(BenchFailure) -> Int32 {
        let socket = Glibc.socket(AF_INET, Int32(kind.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue), 0)
        var yes: Int32 = 1
        if kind == SOCK_STREAM { setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &yes, socklen_t(MemoryLayout<Int32>.size)) }
        var room: Int32 = 4 << 20
        setsockopt(socket, SOL_SOCKET, SO_RCVBUF, &room, socklen_t(MemoryLayout<Int32>.size))
        let address = try Endpoint(host: "127.0.0.1", port: port).resolved()
        guard address.with({ bind(socket, $0, $1) }) == 0, kind == SOCK_DGRAM || listen(socket, 64) == 0 else {
            let text = String(cString: strerror(errno))
            close(socket)
            throw BenchFailure("port \(port) of the relay: \(text)")
        }
        return socket
    }

    /// Until it is told to stop.
    package func run(control: LoadControl) -> Report {
        let (start, cpu) = (Clock.now(), Clock.threadCPU())
        while !control.isStopping {
            for place in 0..<poller.wait(nanoseconds: waitLength(Clock.now())) {
                let index = poller.ready(place).index
                if let source = sources[index] { take(from: source, Clock.now()) }
            }
            deliver(Clock.now())
        }
        let busy = Double(Clock.threadCPU() - cpu) / Double(max(1, Clock.now() - start))
        func microseconds(_ percent: Double) -> Double { late.totalCount == 0 ? 0 : Double(late.valueAtPercentile(percent)) / 1000 }
        return Report(
            parcels: Int(late.totalCount), lost: lost, lateMedian: microseconds(50), lateP99: microseconds(99), lateMax: microseconds(100),
            busy: busy)
    }

    private func waitLength(_ now: UInt64) -> UInt64 {
        let dues = doors.compactMap(\.line.nextDue) + streams.flatMap { $0.lines.compactMap(\.nextDue) }
        guard let next = dues.min() else { return Clock.second / 20 }
        return next > now ? min(next - now, Clock.second / 20) : 0
    }

    // What comes

    private func take(from source: Source, _ now: UInt64) {
        switch source {
        case .datagrams(let index): readDatagrams(index, now)
        case .listener(let index): accept(index)
        case .stream(let stream, let side):
            guard stream.isOpen else { return }
            stream.read(side, now: now, extra: extra() + (isUnlucky() ? 2 * stream.delay : 0))
        }
    }

    private func extra() -> UInt64 { jitter == 0 ? 0 : UInt64(chance.below(Int(jitter))) }
    private func isUnlucky() -> Bool { loss > 0 && chance.fraction() < loss }

    private func readDatagrams(_ index: Int, _ now: UInt64) {
        var bytes = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = recv(doors[index].datagrams, &bytes, bytes.count, 0)
            guard count >= 0 else { return }
            if isUnlucky() {
                lost += 1
            } else {
                doors[index].line.append(Array(bytes[..<count]), due: now + doors[index].link.delay + extra())
            }
        }
    }

    private func accept(_ index: Int) {
        let accepted = Glibc.accept(doors[index].listener, nil, nil)
        guard accepted >= 0 else { return }
        let target = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        // Within one machine it is answered at once, one way or the other.
        guard doors[index].target.with({ connect(target, $0, $1) }) == 0 else {
            close(accepted)
            close(target)
            return
        }
        let stream = RelayStream(from: accepted, to: target, delay: doors[index].link.delay)
        streams.append(stream)
        var yes: Int32 = 1
        for (side, socket) in stream.sockets.enumerated() {
            setsockopt(socket, Int32(IPPROTO_TCP), TCP_NODELAY, &yes, socklen_t(MemoryLayout<Int32>.size))
            sources[Int(socket)] = .stream(stream, side: side)
            poller.add(socket, as: Int(socket), forWriting: false)
        }
    }

    // What arrives

    private func deliver(_ now: UInt64) {
        for index in doors.indices {
            while let parcel = doors[index].line.take(by: now) {
                late.record(now - parcel.due)
                let socket = doors[index].datagrams
                // One that finds no room or nobody is lost, as it would be elsewhere.
                _ = doors[index].target.with { Int32(sendto(socket, parcel.bytes, parcel.bytes.count, 0, $0, $1)) }
            }
        }
        for stream in streams { stream.deliver(now: now) { late.record($0) } }
        guard streams.contains(where: { !$0.isOpen }) else { return }
        streams.removeAll { !$0.isOpen }
        sources = sources.filter { _, source in
            if case .stream(let stream, _) = source { stream.isOpen } else { true }
        }
    }
}
