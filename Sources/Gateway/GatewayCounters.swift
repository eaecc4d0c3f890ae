/// What the gateway has counted since it started.
package struct GatewayCounters: Hashable, Sendable {
    package internal(set) var connections: UInt64 = 0
    package internal(set) var rejectedConnections: UInt64 = 0
    /// Every request that could be read, also one that was answered with an error.
    package internal(set) var commands: UInt64 = 0
    package internal(set) var protocolErrors: UInt64 = 0
    package internal(set) var inputBytes: UInt64 = 0
    package internal(set) var outputBytes: UInt64 = 0
    /// Clients closed because they did not take their replies.
    package internal(set) var stalledConnections: UInt64 = 0
}
