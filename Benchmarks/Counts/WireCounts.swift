import Benchmark
import NIOCore
import Paxos
import Sharding
import Wire

/// An `accept` of eight entries, as a datagram holds it.
func registerWire() {
    let rounds = 128
    let entries = (1...8).map { Sample.entry($0).entry }
    let envelope = acceptEnvelope(entries)
    let sender = FrameCodec(cluster: Sample.cluster, node: NodeID(rawValue: 1))
    let receiver = FrameCodec(cluster: Sample.cluster, node: NodeID(rawValue: 2))

    Benchmark.register("wire-encode-8", [.allocations, .bytesWritten]) {
        var buffer = ByteBuffer()
        encode(envelope, with: sender, into: &buffer)
        var counts = Counts.of {
            for _ in 0..<rounds {
                buffer.clear()
                encode(envelope, with: sender, into: &buffer)
            }
        }
        counts.bytesWritten = rounds * buffer.readableBytes
        return (counts, rounds * entries.count)
    }
    Benchmark.register("wire-decode-8", [.allocations]) {
        var buffer = ByteBuffer()
        encode(envelope, with: sender, into: &buffer)
        let counts = try Counts.of {
            for _ in 0..<rounds {
                var frame = try receiver.frame(datagram: buffer)
                while let section = try frame.nextSection() { blackHole(section) }
            }
        }
        return (counts, rounds * entries.count)
    }
}

private func acceptEnvelope(_ entries: [Entry]) -> Envelope {
    func party(_ number: UInt16) -> Party {
        Party(node: NodeID(rawValue: number), incarnation: Incarnation(rawValue: 100 + UInt64(number)), boot: Boot(rawValue: 1))
    }
    let word = Accept(ballot: entries[0].ballot, ballotFirst: Slot(1), chosenUpTo: .none, first: Slot(1), entries: entries)
    return Envelope(from: party(1), to: party(2), configuration: 1, message: .accept(word))
}

private func encode(_ envelope: Envelope, with codec: FrameCodec, into buffer: inout ByteBuffer) {
    let start = codec.openFrame(to: envelope.to.node, in: &buffer)
    buffer.writeSection(envelope, shard: ShardID(rawValue: 7))
    codec.closeFrame(startingAt: start, in: &buffer)
}
