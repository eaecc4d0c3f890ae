import DequeModule
import Glibc

/// All clients of one load, on one thread, over one poller.
package final class LoadLoop {
    let settings: LoadSettings
    let dialect: Dialect
    private let addresses: [SocketAddress]
    private let control: LoadControl
    private let progress: (LoadResult.Point) -> Void
    private var poller: Poller
    var connections: [LoadConnection] = []
    var source: OperationSource
    var recorder: Recorder
    /// Of an open loop.
    var schedule: Schedule?
    /// Connections that could take another operation of an open loop, the one that has waited longest first.
    private var idle: Deque<LoadConnection> = []
    /// Connections that wait a moment after an error, and until when.
    private var paused: Deque<(connection: LoadConnection, until: UInt64)> = []
    private var dirty: [LoadConnection] = []
    private(set) var isIssuing = true
    private var failure: BenchFailure?
    private var nextSweep: UInt64 = 0
    private var cpuAtStart: UInt64?
    private var cpuUsed: UInt64 = 0

    /// How often overdue operations are looked for, and the longest wait.
    private static let sweepInterval = Clock.second / 100

    package init(
        _ settings: LoadSettings, control: LoadControl = LoadControl(), progress: @escaping (LoadResult.Point) -> Void = { _ in }
    ) throws(BenchFailure) {
        self.settings = try settings.validated()
        self.control = control
        self.progress = progress
        dialect = settings.dialect
        var addresses: [SocketAddress] = []
        for endpoint in settings.endpoints { addresses.append(try endpoint.resolved()) }
        self.addresses = addresses
        poller = try Poller()
        source = OperationSource(settings)
        let now = Clock.now()
        recorder = Recorder(now: now, warmUp: settings.warmUp, seconds: settings.seconds, interval: settings.interval)
        schedule = settings.rate.map { Schedule(start: now, rate: $0) }
        connections = (0..<settings.clients).map { index in
            LoadConnection(index: index, endpoint: index % settings.endpoints.count, pipeline: settings.pipeline)
        }
    }

    package func run() throws(BenchFailure) -> LoadOutcome {
        defer { for connection in connections { connection.close() } }
        for connection in connections { open(connection, Clock.now()) }
        while failure == nil, turn(Clock.now()) {}
        if let failure { throw failure }
        let now = Clock.now()
        for connection in connections { abandon(connection, "TIMEOUT", now) }
        let unsent = schedule.map { $0.due(until: recorder.end) } ?? 0
        let result = recorder.result(unsent: unsent, cpu: cpuUsed, now: min(now, recorder.end))
        return LoadOutcome(
            result: result, began: recorder.start, firstSuccess: recorder.firstSuccess, completed: recorder.successes,
            checkedKeys: source.checkedKeys)
    }

    /// False once nothing is left to do.
    private func turn(_ now: UInt64) -> Bool {
        keepTime(now)
        let ready = poller.wait(nanoseconds: waitLength(now))
        for place in 0..<ready {
            let (index, canWrite) = poller.ready(place)
            let connection = connections[index]
            if canWrite { writable(connection) }
            if connection.state == .open { readable(connection) }
        }
        resume(Clock.now())
        issueDue(Clock.now())
        return isIssuing || settings.drains && connections.contains { !$0.pending.isEmpty }
    }

    private func waitLength(_ now: UInt64) -> UInt64 {
        guard isIssuing, let schedule, !idle.isEmpty else { return Self.sweepInterval }
        let next = schedule.next
        return next > now ? min(next - now, Self.sweepInterval) : 0
    }

    private func keepTime(_ now: UInt64) {
        control.note(completed: recorder.successes)
        if cpuAtStart == nil, now >= recorder.start { cpuAtStart = Clock.threadCPU() }
        if isIssuing, now >= recorder.end || control.isStopping || source.isExhausted { finishIssuing(now) }
        guard now >= nextSweep else { return }
        nextSweep = now + Self.sweepInterval
        if let point = recorder.roll(now) { progress(point) }
        let bound = Clock.nanoseconds(settings.timeout)
        for connection in connections where !connection.pending.isEmpty && now > connection.pending.first.sent + bound {
            drop(connection, "TIMEOUT", now)
        }
    }

    private func finishIssuing(_ now: UInt64) {
        // Those of a fill that have failed come again.
        guard !(source.isExhausted && !control.isStopping && connections.contains { !$0.pending.isEmpty }) else { return }
        isIssuing = false
        recorder.cut(now)
        cpuUsed = cpuAtStart.map { Clock.threadCPU() - $0 } ?? 0
    }

    // Connections

    private func open(_ connection: LoadConnection, _ now: UInt64) {
        let address = addresses[connection.endpoint]
        let kind = Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue)
        connection.socket = socket(address.family, kind, 0)
        guard connection.socket >= 0 else {
            failure = BenchFailure("can't make a socket: \(String(cString: strerror(errno)))")
            return
        }
        var yes: Int32 = 1
        setsockopt(connection.socket, Int32(IPPROTO_TCP), TCP_NODELAY, &yes, socklen_t(MemoryLayout<Int32>.size))
        let code = address.with { connect(connection.socket, $0, $1) }
        guard code == 0 || errno == EINPROGRESS else { return drop(connection, "CONNECTION", now) }
        connection.state = .connecting
        connection.awaitsWritable = true
        poller.add(connection.socket, as: connection.index, forWriting: true)
    }

    private func writable(_ connection: LoadConnection) {
        if connection.state == .connecting {
            var code: Int32 = 0
            var size = socklen_t(MemoryLayout<Int32>.size)
            getsockopt(connection.socket, SOL_SOCKET, SO_ERROR, &code, &size)
            guard code == 0 else { return drop(connection, "CONNECTION", Clock.now()) }
            connection.state = .open
            let greeting = dialect.greeting
            connection.output.append(greeting.bytes)
            connection.greetingLeft = greeting.replyCount
            offer(connection, Clock.now())
        }
        flush(connection)
    }

    private func readable(_ connection: LoadConnection) {
        while true {
            let progress = connection.receive()
            let now = Clock.now()
            if progress == .broken { return drop(connection, "CONNECTION", now) }
            do {
                try takeReplies(connection, now)
            } catch {
                failure = BenchFailure(
                    "\(settings.endpoints[connection.endpoint]) answers '\(error.start)': is it the server it should be?")
                return
            }
            if progress == .whole { break }
        }
        flush(connection)
    }

    private func takeReplies(_ connection: LoadConnection, _ now: UInt64) throws(MalformedReply) {
        var taken = 0
        while let (reply, end) = try dialect.reply(in: UnsafeBufferPointer(rebasing: connection.input.bytes[taken...])) {
            taken += end
            if connection.greetingLeft > 0 {
                connection.greetingLeft -= 1
                if case .failure(let error) = reply { failure = BenchFailure("READONLY is refused: \(error.code)") }
            } else if connection.pending.isEmpty {
                throw MalformedReply(connection.input.bytes)
            } else {
                take(reply, connection, now)
            }
        }
        connection.input.removeFirst(taken)
    }

    func flush(_ connection: LoadConnection) {
        guard connection.state == .open else { return }
        let progress = connection.send()
        if progress == .broken { return drop(connection, "CONNECTION", Clock.now()) }
        let awaits = progress == .partly
        if awaits != connection.awaitsWritable {
            connection.awaitsWritable = awaits
            poller.change(connection.socket, as: connection.index, forWriting: awaits)
        }
    }

    /// Ends the connection; its client goes on with the next endpoint after a moment.
    private func drop(_ connection: LoadConnection, _ code: String, _ now: UInt64) {
        connection.close()
        abandon(connection, code, now)
        connection.endpoint = (connection.endpoint + 1) % addresses.count
        pause(connection, now)
    }

    /// What is under way has no answer; the oldest is the cause, the others go with it.
    private func abandon(_ connection: LoadConnection, _ code: String, _ now: UInt64) {
        while !connection.pending.isEmpty {
            var pending = connection.pending.removeFirst()
            pending.failure = Reply.Failure(code: code, isIndefinite: true)
            finish(pending, connection, now)
        }
    }

    func pause(_ connection: LoadConnection, _ now: UInt64) {
        guard !connection.isPaused else { return }
        connection.isPaused = true
        paused.append((connection, now + Clock.nanoseconds(settings.pause)))
    }

    private func resume(_ now: UInt64) {
        while let first = paused.first, first.until <= now {
            paused.removeFirst()
            first.connection.isPaused = false
            if first.connection.state == .closed {
                if isIssuing { open(first.connection, now) }
            } else {
                offer(first.connection, now)
                flush(first.connection)
            }
        }
    }

    // An open loop

    func becomeIdle(_ connection: LoadConnection) {
        guard !connection.isIdle else { return }
        connection.isIdle = true
        idle.append(connection)
    }

    private func issueDue(_ now: UInt64) {
        guard isIssuing, let end = schedule.map({ _ in min(now, recorder.end) }) else { return }
        while let next = schedule?.next, next <= end, let connection = idle.popFirst() {
            connection.isIdle = false
            guard connection.state == .open, !connection.pending.isFull else { continue }
            guard issue(connection, intended: next, now) else { break }
            schedule?.advance()
            if !connection.pending.isFull { becomeIdle(connection) }
            if !connection.isDirty {
                connection.isDirty = true
                dirty.append(connection)
            }
        }
        for connection in dirty {
            connection.isDirty = false
            flush(connection)
        }
        dirty.removeAll(keepingCapacity: true)
    }
}
