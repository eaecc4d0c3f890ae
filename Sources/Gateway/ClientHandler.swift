import KeyValue
package import NIOCore
import Paxos
import Replica
import Sharding

/// One client's connection.
///
///     bytes → RequestScanner → CommandInterpreter → CommandService
///                                                        │ completions, in any order
///     socket ← reply buffer  ←  ReplyRing (in order)  ←──┘
///
/// Requests are taken one after the other. Neighbouring mutations are handed to the service without waiting for each
/// other, neighbouring queries likewise; between a mutation and a query all earlier commands are answered first, so
/// that a pipeline reads its own writes and never its later ones.
package final class ClientHandler: ChannelDuplexHandler {
    package typealias InboundIn = ByteBuffer
    package typealias OutboundIn = ByteBuffer
    package typealias OutboundOut = ByteBuffer

    private enum Kind { case query, mutation }

    /// Why no further request is being taken.
    private enum Pause {
        /// There is no whole request.
        case input
        /// Commands of the other kind are to be answered first.
        case kind
        /// As many commands are outstanding as may be.
        case outstanding
        /// The client is behind with taking its replies.
        case output
        /// The client's last request has been taken.
        case end
    }

    private let gateway: Gateway
    private var context: ChannelHandlerContext?
    private var interpreter: CommandInterpreter?

    private var input = ByteBuffer()
    private var scanner: RequestScanner
    private var pause = Pause.input
    /// Taken from the input, and waiting for commands of the other kind.
    private var next: Action?
    private var kind = Kind.query
    /// Commands with the service.
    private var underway = 0

    private var ring = ReplyRing()
    private var window: ReplyWindow
    private var output = ByteBuffer()

    /// Requests behind this one are not looked at.
    private var isLastTaken = false
    /// The client sends no more.
    private var isInputClosed = false
    /// As the channel last said: to ask it costs more than to remember.
    private var isWritable = true
    private var isReading = false
    private var isTaking = false
    private var isTurnRequested = false
    private var isReadHeldBack = false
    /// All that the last read brought has been refused: the next one comes in a moment.
    private var isWaiting = false
    /// Commands of the last read, and those of them that were refused at once.
    private var takenCount = 0
    private var refusedCount = 0
    private var isClosing = false
    /// What of `input` the gateway's sum counts.
    private var countedInputBytes = 0
    private var stall: Scheduled<Void>?

    package init(gateway: Gateway) {
        self.gateway = gateway
        scanner = RequestScanner(limits: gateway.limits)
        window = ReplyWindow(limits: gateway.limits, valueBytesMax: gateway.settings.valueBytesMax)
    }

    var client: ClientState? { interpreter?.client }

    // MARK: - Events of the channel

    package func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
    }

    package func channelActive(context: ChannelHandlerContext) {
        if let client = gateway.admit(self, context.channel) {
            interpreter = CommandInterpreter(gateway: gateway, client: client)
        } else {
            end(with: "ERR max number of clients reached")
            turn()
        }
    }

    package func channelInactive(context: ChannelHandlerContext) {
        isLastTaken = true
        self.context = nil
        input = ByteBuffer()
        output = ByteBuffer()
        next = nil
        countUnfinished()
        stall?.cancel()
        stall = nil
        if let client { gateway.remove(client) }
    }

    package func errorCaught(context: ChannelHandlerContext, error: any Error) {
        // The socket has failed: there is nobody left to tell.
        context.close(promise: nil)
    }

    package func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case ChannelEvent.inputClosed? = event as? ChannelEvent {
            isInputClosed = true
            turn()
        }
    }

    package func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        var bytes = unwrapInboundIn(data)
        gateway.counters.inputBytes += UInt64(bytes.readableBytes)
        guard !isLastTaken else { return }
        isReading = true
        takenCount = 0
        refusedCount = 0
        if input.readableBytes == 0 {
            input = bytes
        } else {
            if input.readerIndex > input.readableBytes { input.discardReadBytes() }
            input.writeBuffer(&bytes)
        }
        takeRequests()
        countUnfinished()
    }

    package func channelReadComplete(context: ChannelHandlerContext) {
        isReading = false
        if takenCount > 0, refusedCount == takenCount, !isWaiting {
            isWaiting = true
            gateway.letWait(self)
        }
        turn()
    }

    package func read(context: ChannelHandlerContext) {
        if mayRead { context.read() } else { isReadHeldBack = true }
    }

    package func channelWritabilityChanged(context: ChannelHandlerContext) {
        isWritable = context.channel.isWritable
        if isWritable {
            if !isClosing {
                stall?.cancel()
                stall = nil
            }
            requestTurn()
        } else {
            watchForStall(context)
        }
    }

    // MARK: - Turns

    /// Takes what requests it may, sends what replies there are.
    func turn() {
        isTurnRequested = false
        guard context != nil else { return }
        takeRequests()
        flush()
        // A flush may have ended it.
        guard let context else { return }
        if output.readableBytes > gateway.limits.outputBytesMax { return abandon(context) }
        if pause == .output, !isOutputBehind { requestTurn() }
        closeIfDone(context)
        if isReadHeldBack, mayRead {
            isReadHeldBack = false
            context.read()
        }
    }

    private func requestTurn() {
        guard !isTurnRequested, !isReading, !isTaking, context != nil else { return }
        isTurnRequested = true
        gateway.requestTurn(for: self)
    }

    /// No further request is taken; what is outstanding is still answered, and then the connection is closed.
    func stop() {
        isLastTaken = true
        next = nil
        input = ByteBuffer()
        countUnfinished()
        requestTurn()
    }

    func hasWaited() {
        isWaiting = false
        turn()
    }

    func closeNow() { context?.close(promise: nil) }

    private var mayRead: Bool {
        if isWaiting, pause != .end { return false }
        return switch pause {
        case .input: true
        case .kind, .outstanding: input.readableBytes < gateway.limits.waitingInputBytesMax
        // A client that is being closed may send what it likes: it is dropped.
        case .end: true
        case .output: false
        }
    }

    // MARK: - Requests

    private func takeRequests() {
        // Most turns only send a reply.
        if input.readableBytes == 0, next == nil, pause == .input { return }
        guard !isTaking, context != nil, let interpreter else { return }
        isTaking = true
        defer { isTaking = false }
        repeat {
            pause = reasonToPause
            guard pause == .input else { break }
            guard let action = next ?? nextAction(interpreter) else { break }
            next = nil
            perform(action, interpreter.client)
        } while next == nil
        if next != nil, pause == .input { pause = .kind }
        if input.readableBytes == 0 || isLastTaken { input = ByteBuffer() }
    }

    private var reasonToPause: Pause {
        if isLastTaken { return .end }
        if next != nil, underway > 0 { return .kind }
        if ring.count >= window.allowed { return .outstanding }
        return isOutputBehind ? .output : .input
    }

    private var isOutputBehind: Bool {
        !isWritable || output.readableBytes + ring.heldBytes > gateway.limits.heldOutputBytes
    }

    /// Nil where there is no whole request.
    private func nextAction(_ interpreter: CommandInterpreter) -> Action? {
        while input.readableBytes > 0 {
            var progress = RequestScanner.Progress.incomplete
            var action: Action?
            var failure: ProtocolError?
            input.withUnsafeReadableBytes { bytes in
                do throws(ProtocolError) {
                    progress = try scanner.scan(bytes)
                    if case .request = progress { action = scanner.withArguments(in: bytes) { interpreter.interpret($0) } }
                } catch {
                    failure = error
                }
            }
            if let failure {
                gateway.counters.protocolErrors += 1
                return .lastReply(.error("ERR Protocol error: \(failure.text)"))
            }
            if case .incomplete = progress { return nil }
            input.moveReaderIndex(forwardBy: scanner.position)
            scanner.reset()
            if let action { return action }
        }
        return nil
    }

    private func perform(_ action: Action, _ client: ClientState) {
        takenCount += 1
        switch action {
        case .reply(let reply): answer(reply, client.version)
        case .lastReply(let reply):
            isLastTaken = true
            answer(reply, client.version)
        case .hangUp: isLastTaken = true
        case .query(let request, let form):
            guard let sequence = begin(action, .query, form, client) else { return }
            gateway.service.execute(request) { [self] in completed(sequence, $0, isQuery: true) }
        case .mutation(let mutation, let form):
            guard let sequence = begin(action, .mutation, form, client) else { return }
            gateway.service.execute(.command(.mutation(mutation))) { [self] in completed(sequence, $0, isQuery: false) }
        case .administration(let request):
            // Answered in its turn like a query.
            guard let sequence = begin(action, .query, .value, client) else { return }
            gateway.service.administer(request) { [self] in
                underway -= 1
                fill(sequence, .reply(Reply($0)))
            }
        case .keys(let pattern):
            guard let sequence = begin(action, .query, .value, client) else { return }
            let isWanted = { [self] in context != nil }
            let collection = KeysCollection(gateway: gateway, pattern: pattern, isLocal: client.readsLocally, isWanted: isWanted) {
                [self] in
                underway -= 1
                fill(sequence, .reply($0))
            }
            collection.begin()
        }
    }

    /// The place of a command's reply; nil where the command must wait.
    private func begin(_ action: Action, _ kind: Kind, _ form: OutcomeForm, _ client: ClientState) -> Int? {
        guard underway == 0 || kind == self.kind else {
            next = action
            return nil
        }
        self.kind = kind
        underway += 1
        return ring.append(ReplyRing.Slot(form: form, version: client.version, answer: .waiting))
    }

    /// A request that is half here takes memory: the gateway bounds the sum over its clients.
    private func countUnfinished() {
        let bytes = input.readableBytes > gateway.limits.waitingInputBytesMax ? input.readableBytes : 0
        gateway.unfinishedBytes += bytes - countedInputBytes
        countedInputBytes = bytes
        if bytes > 0, gateway.unfinishedBytes > gateway.limits.unfinishedBytesMax, !isLastTaken {
            end(with: "BUSY unfinished requests of all clients take more than \(gateway.limits.unfinishedBytesMax) bytes")
            input = ByteBuffer()
            countUnfinished()
        }
    }

    // MARK: - Replies

    private func completed(_ sequence: Int, _ reply: ServiceReply, isQuery: Bool) {
        underway -= 1
        if case .failed(.busy) = reply { refusedCount += 1 }
        let byteCount = reply.byteCount
        window.observe(byteCount)
        let total = output.readableBytes + ring.heldBytes + byteCount
        // Nothing is lost with a query's reply; a mutation's must reach the client, or the connection ends.
        guard isQuery, total > gateway.limits.outputBytesMax else { return fill(sequence, .service(reply)) }
        let text = "a reply of \(byteCount) bytes does not fit: \(gateway.limits.outputBytesMax) bytes of replies may wait on a connection"
        fill(sequence, .service(.failed(.busy(text))))
    }

    private func fill(_ sequence: Int, _ answer: ReplyRing.Answer) {
        guard context != nil else { return }
        // Most replies are the next one that is owed.
        if let slot = ring.popWaiting(sequence) {
            write(answer, for: slot)
        } else {
            ring.fill(sequence, with: answer)
        }
        while let slot = ring.popAnswered() { write(slot.answer, for: slot) }
        requestTurn()
    }

    private func write(_ answer: ReplyRing.Answer, for slot: ReplyRing.Slot) {
        switch answer {
        case .service(let reply): output.write(reply, in: slot.form, as: slot.version)
        case .reply(let reply): output.write(reply, as: slot.version)
        case .waiting: invariant(false, "a reply that is taken from the ring is there")
        }
    }

    private func answer(_ reply: Reply, _ version: ProtocolVersion) {
        if ring.isEmpty {
            output.write(reply, as: version)
        } else {
            _ = ring.append(ReplyRing.Slot(form: .value, version: version, answer: .reply(reply)))
        }
    }

    /// The connection's last reply is this error.
    private func end(with error: String) {
        isLastTaken = true
        answer(.error(error), client?.version ?? .resp2)
    }

    private func flush() {
        guard let context else { return }
        let chunkBytes = gateway.limits.heldOutputBytes
        while output.readableBytes > 0, isWritable {
            gateway.counters.outputBytes += UInt64(min(chunkBytes, output.readableBytes))
            guard output.readableBytes <= chunkBytes, output.readerIndex == 0 else {
                // A long reply goes in pieces, so that what the channel holds stays small and its writability says who is slow.
                guard let chunk = output.readSlice(length: min(chunkBytes, output.readableBytes)) else { return }
                context.writeAndFlush(wrapOutboundOut(chunk), promise: nil)
                continue
            }
            let bytes = output
            context.writeAndFlush(wrapOutboundOut(bytes), promise: nil)
            output.clear()
        }
        // An idle client keeps no large buffer.
        if output.readableBytes == 0, output.capacity > 16 << 10 { output = ByteBuffer() }
    }

    // MARK: - Closing

    private func closeIfDone(_ context: ChannelHandlerContext) {
        let isOver = isLastTaken || isInputClosed && pause == .input
        guard isOver, ring.isEmpty, output.readableBytes == 0, !isClosing else { return }
        isClosing = true
        watchForStall(context)
        // Closing drops what the socket has not taken yet: an empty write is done when all before it are.
        let flushed = context.writeAndFlush(wrapOutboundOut(ByteBuffer()))
        flushed.assumeIsolated().whenComplete { [self] _ in closeNow() }
    }

    private func watchForStall(_ context: ChannelHandlerContext) {
        guard stall == nil else { return }
        stall = context.eventLoop.assumeIsolated().scheduleTask(in: gateway.limits.stalledOutputTime) { [self] in
            if let context = self.context { abandon(context) }
        }
    }

    private func abandon(_ context: ChannelHandlerContext) {
        gateway.counters.stalledConnections += 1
        context.close(promise: nil)
    }
}
