import KeyValue
import Paxos
import Sharding

/// The commands of a load as `decree bench` sends it: keys of 16 bytes, values of 256.
enum Sample {
    static let keys = 10_000

    private static let session = SessionID(node: 1, random: 42)
    private static let ballot = Ballot(round: 1, node: NodeID(rawValue: 1))

    /// Neighbours in time are not neighbours in the table.
    static func key(_ number: UInt64) -> [UInt8] {
        let place = number % UInt64(keys) * 7919 % UInt64(keys)
        let digits = Array(String(place).utf8)
        return Array("key:".utf8) + [UInt8](repeating: UInt8(ascii: "0"), count: 12 - digits.count) + digits
    }

    static let value = [UInt8](repeating: UInt8(ascii: "v"), count: 256)

    /// As it stands in the log at a slot; the session is opened at slot 1.
    static func command(_ slot: UInt64) -> [UInt8] {
        let mutation =
            slot == 1
            ? Mutation.openSession(timeToLive: 1 << 40)
            : Mutation.set(key: key(slot), value: value, condition: .always, returnsPrevious: false)
        return SessionCommand(session: session, sequence: slot, answeredBelow: slot > 64 ? slot - 64 : 1, mutation: mutation).bytes
    }

    static func entry(_ slot: UInt64) -> SlottedEntry {
        SlottedEntry(
            slot: Slot(slot),
            entry: Entry(ballot: ballot, stamp: Stamp(rawValue: 1_700_000_000_000 + slot), content: .command(command(slot))))
    }

    /// Three nodes, and a shard for each first letter of a key.
    static let cluster = ClusterDescription(
        name: "demo",
        nodes: (1...3).map { number in
            NodeDescription(
                id: NodeID(rawValue: number), name: "dc\(number)", datacenter: "Datacenter\(number)",
                peer: Address(host: "127.0.0.1", port: 7100 + Int(number)), client: Address(host: "127.0.0.1", port: 7000 + Int(number)),
                http: nil)
        },
        shards: (UInt8(ascii: "a")...UInt8(ascii: "z")).map { letter in
            let name = String(UnicodeScalar(letter))
            return ShardDescription(
                id: ShardID(name: name), name: name, keys: KeyRange(lower: [letter], upper: [letter + 1], text: name + "*"),
                preferredLeader: nil)
        }, settings: ClusterSettings())
}
