package import NIOCore

/// The gateway's bounds. What is answered when one is reached stands at each.
package struct GatewayLimits: Hashable, Sendable {
    /// Further clients get `-ERR max number of clients reached` and are closed.
    package var clientsMax = 10_000
    /// Of one request, in bytes. An argument announced longer, and a request grown longer, are protocol errors.
    package var requestBytesMax = 64 << 20
    /// Of one request; a longer array is a protocol error.
    package var argumentsMax = 1 << 20
    /// Of one command as it goes to a leader and into the log, in bytes: less than what a message between nodes may hold, since a new
    /// leader must fetch a write within an election timeout. A larger one is refused.
    package var commandBytesMax = 8 << 20
    /// Of an inline command, in bytes; a longer one is a protocol error.
    package var inlineBytesMax = 64 << 10
    /// Bytes that may wait behind a command that waits itself; then the client is not read from.
    package var waitingInputBytesMax = 64 << 10
    /// Unfinished requests of all clients together, in bytes, small ones not counted; the client that
    /// passes it gets `-BUSY` and is closed.
    package var unfinishedBytesMax = 1 << 30
    /// Commands of one client without an answer; then no further request is taken.
    package var outstandingMax = 1024
    /// Replies of one client not taken by the socket, in bytes; then no request is taken and the client is not read from.
    package var heldOutputBytes = 1 << 20
    /// Replies of one client in memory, in bytes: past it a query is answered `-BUSY`, anything else closes the client.
    package var outputBytesMax = 64 << 20
    /// A client that takes none of its replies for so long is closed.
    package var stalledOutputTime = TimeAmount.seconds(60)
    /// A client all of whose commands of one read were refused at once with `-BUSY` is not read from for at most so long: what it
    /// sends meanwhile is then taken or refused together, and refusals take less from the commands that are not refused.
    package var refusedTime = TimeAmount.milliseconds(50)
    /// `KEYS` past this many keys is an error that names `SCAN`.
    package var keysReplyMax = 1_000_000
    /// `KEYS` past this many bytes is an error that names `SCAN`.
    package var keysReplyBytesMax = 32 << 20
    /// How long a stop waits for outstanding replies to go out.
    package var stopTime = TimeAmount.seconds(5)

    package init() {}
}
