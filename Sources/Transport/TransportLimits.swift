package import NIOCore

/// The bounds of a node's transport, with what happens at each.
package struct TransportLimits: Sendable {
    /// Of one UDP payload; what does not fit goes over TCP. Below the MTU of any path that is in use.
    package var datagramByteCountMax = 1400
    /// Of one frame on a stream; a longer one ends the connection.
    package var frameByteCountMax = 17 << 20
    /// Of one message; a longer one is dropped and counted.
    package var messageByteCountMax = 16 << 20
    /// A frame on a stream is closed once it is this long, so that its receiver can begin.
    package var frameByteCountAim = 256 << 10
    /// Waiting for one peer's stream; beyond it messages are dropped and counted.
    package var queueByteCountMax = 64 << 20
    /// A further connection is closed at once.
    package var inboundConnectionsMax = 256
    /// A connection that has not sent a valid frame for so long is closed.
    package var firstFrameTimeout = TimeAmount.seconds(10)
    package var inboundSilenceMax = TimeAmount.seconds(30)

    package var probeInterval = TimeAmount.milliseconds(500)
    /// Datagrams are trusted for so long after the last echo.
    package var reachableFor = TimeAmount.seconds(2)
    /// A stream whose peer neither echoes nor takes bytes for so long is closed and dialled again.
    package var streamSilenceMax = TimeAmount.seconds(5)
    package var connectTimeout = TimeAmount.seconds(2)
    package var backoffMin = TimeAmount.milliseconds(50)
    package var backoffMax = TimeAmount.seconds(2)

    package init() {}
}
