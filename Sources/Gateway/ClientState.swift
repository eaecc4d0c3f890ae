import NIOCore

/// What a connection has said of itself.
final class ClientState {
    /// Counts the gateway's connections from 1.
    let id: UInt64
    let remoteAddress: String
    let localAddress: String
    let connectedAt: NIODeadline
    var lastRequestAt: NIODeadline
    var lastCommand = "NULL"
    var version = ProtocolVersion.resp2
    var name = ""
    var libraryName = ""
    var libraryVersion = ""
    /// The client has said `READONLY`.
    var readsLocally = false

    init(id: UInt64, remoteAddress: String, localAddress: String, connectedAt: NIODeadline) {
        self.id = id
        self.remoteAddress = remoteAddress
        self.localAddress = localAddress
        self.connectedAt = connectedAt
        lastRequestAt = connectedAt
    }

    /// `RESET`: as after connecting. What the library said of itself stays, as in Redis.
    func reset() {
        version = .resp2
        name = ""
        readsLocally = false
    }

    /// A line of `CLIENT LIST`.
    func line(at now: NIODeadline) -> String {
        let age = (now - connectedAt).nanoseconds / 1_000_000_000
        let idle = (now - lastRequestAt).nanoseconds / 1_000_000_000
        return "id=\(id) addr=\(remoteAddress) laddr=\(localAddress) name=\(name) age=\(age) idle=\(idle)"
            + " flags=\(readsLocally ? "r" : "N") db=0 cmd=\(lastCommand) user=default resp=\(version.rawValue)"
            + " lib-name=\(libraryName) lib-ver=\(libraryVersion)"
    }
}
