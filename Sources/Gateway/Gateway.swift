package import NIOCore
package import Replica
package import Sharding

/// What all connections of a node share. Confined to its event loop, as the service is.
package final class Gateway {
    /// The version of Redis whose commands these are: what clients look at to choose their own ways.
    static let redisVersion = "7.2.0"

    package let eventLoop: any EventLoop
    let service: any CommandService
    package let settings: ClusterSettings
    package let limits: GatewayLimits
    /// The port is the real one once the server is bound.
    package internal(set) var address: Address
    package internal(set) var counters = GatewayCounters()
    /// Unfinished requests, in bytes, small ones not counted.
    var unfinishedBytes = 0
    /// Called when a connection has gone.
    var connectionEnded: () -> Void = {}
    let wallClockMicroseconds: () -> UInt64
    private let version: String
    private let startedAt: NIODeadline
    private var handlers: [UInt64: ClientHandler] = [:]
    private var nextClient: UInt64 = 1
    private var waitingForTurn: [ClientHandler] = []
    private var refused: [ClientHandler] = []

    /// `version` is Decree's own; `wallClockMicroseconds` counts since 1970, for `TIME`.
    package init(
        eventLoop: any EventLoop, service: any CommandService, settings: ClusterSettings, limits: GatewayLimits = GatewayLimits(),
        address: Address, version: String, wallClockMicroseconds: @escaping () -> UInt64
    ) {
        self.eventLoop = eventLoop
        self.service = service
        self.settings = settings
        var limits = limits
        // A value of the allowed size must fit into a request.
        limits.requestBytesMax = max(limits.requestBytesMax, 2 * (settings.valueBytesMax + settings.keyBytesMax))
        self.limits = limits
        self.address = address
        self.version = version
        self.wallClockMicroseconds = wallClockMicroseconds
        startedAt = eventLoop.now
    }

    package var connectedClients: Int { handlers.count }

    // MARK: - Connections

    /// Nil where there are as many clients as there may be.
    func admit(_ handler: ClientHandler, _ channel: any Channel) -> ClientState? {
        counters.connections += 1
        guard handlers.count < limits.clientsMax else {
            counters.rejectedConnections += 1
            return nil
        }
        let client = ClientState(
            id: nextClient, remoteAddress: Self.text(channel.remoteAddress), localAddress: Self.text(channel.localAddress),
            connectedAt: eventLoop.now)
        nextClient += 1
        handlers[client.id] = handler
        return client
    }

    func remove(_ client: ClientState) {
        handlers[client.id] = nil
        connectionEnded()
    }

    /// In the order of their arrival.
    var connections: [ClientHandler] { handlers.sorted { $0.key < $1.key }.map(\.value) }

    func clientLines() -> String {
        connections.compactMap { $0.client?.line(at: eventLoop.now) }.map { $0 + "\n" }.joined()
    }

    /// Gives a connection a turn once what the event loop is at is done: many answers of one tick leave in one flush.
    func requestTurn(for handler: ClientHandler) {
        waitingForTurn.append(handler)
        guard waitingForTurn.count == 1 else { return }
        eventLoop.assumeIsolated().execute { [self] in
            let handlers = waitingForTurn
            waitingForTurn = []
            for handler in handlers { handler.turn() }
        }
    }

    /// Those that are refused soon after each other go on together.
    func letWait(_ handler: ClientHandler) {
        refused.append(handler)
        guard refused.count == 1 else { return }
        eventLoop.assumeIsolated().scheduleTask(in: limits.refusedTime) { [self] in
            let handlers = refused
            refused = []
            for handler in handlers { handler.hasWaited() }
        }
    }

    private static func text(_ address: SocketAddress?) -> String {
        guard let address else { return "" }
        return Address(host: address.ipAddress ?? "", port: address.port ?? 0).description
    }

    // MARK: - INFO

    /// `sections` in lower case; none means all.
    func info(sections: Set<String>) -> String {
        var text = ""
        for (section, fields) in ownSections() + service.info() where sections.isEmpty || sections.contains(section.lowercased()) {
            if !text.isEmpty { text += "\r\n" }
            text += "# \(section)\r\n"
            for (name, value) in fields { text += "\(name):\(value)\r\n" }
        }
        return text
    }

    private func ownSections() -> [(section: String, fields: [(String, String)])] {
        let uptime = (eventLoop.now - startedAt).nanoseconds / 1_000_000_000
        return [
            (
                "Server",
                [
                    ("redis_version", Self.redisVersion), ("decree_version", version), ("redis_mode", "standalone"),
                    ("tcp_port", String(address.port)), ("uptime_in_seconds", String(uptime)),
                    ("uptime_in_days", String(uptime / 86_400)),
                ]
            ),
            (
                "Clients",
                [
                    ("connected_clients", String(handlers.count)), ("maxclients", String(limits.clientsMax)),
                    ("unfinished_request_bytes", String(unfinishedBytes)),
                ]
            ),
            (
                "Stats",
                [
                    ("total_connections_received", String(counters.connections)),
                    ("total_commands_processed", String(counters.commands)),
                    ("total_net_input_bytes", String(counters.inputBytes)), ("total_net_output_bytes", String(counters.outputBytes)),
                    ("rejected_connections", String(counters.rejectedConnections)),
                    ("stalled_connections", String(counters.stalledConnections)),
                    ("protocol_errors", String(counters.protocolErrors)),
                ]
            ),
        ]
    }
}
