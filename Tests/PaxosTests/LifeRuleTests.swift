import Paxos
import Testing

private let n1 = NodeID(rawValue: 1)
private let n2 = NodeID(rawValue: 2)

/// Which lives of a replica are spoken to, and which may speak.
@Suite struct LifeRuleTests {
    private let ballot = Ballot(round: 7, node: n2)
    private var prepare: Message { .prepare(Prepare(ballot: ballot, from: Slot(1), released: nil)) }

    private func makeBench() throws -> Bench {
        var bench = try Bench()
        for node in bench.members { bench.restart(node) }
        // Nobody has granted anything for so long that a promise depends on who asks alone.
        bench.pass(bench.settings.patience * 2)
        return bench
    }

    private func party(_ node: NodeID, incarnation: Incarnation? = nil, boot: UInt64) -> Party {
        Party(node: node, incarnation: incarnation ?? Bench.incarnation(node), boot: Boot(rawValue: boot))
    }

    private func send(from sender: Party, to receiver: Party, _ bench: inout Bench) {
        bench.mail = []
        bench.step(n1, .received(Envelope(from: sender, to: receiver, configuration: 1, message: prepare)))
    }

    private func isCorrected(_ bench: Bench) -> Bool {
        bench.mail.contains { if case .introduction = $0.message { $0.to.node == n2 } else { false } }
    }

    @Test func wordsToAnEarlierLifeAreNotHeard() throws {
        var bench = try makeBench()
        let boot = bench.party(n1).boot.rawValue
        send(from: bench.party(n2), to: party(n1, boot: boot - 1), &bench)
        #expect(bench[n1].promised == .zero)
        #expect(isCorrected(bench))
        send(from: bench.party(n2), to: party(n1, incarnation: Incarnation(rawValue: 999), boot: boot), &bench)
        #expect(bench[n1].promised == .zero)
        #expect(isCorrected(bench))
        send(from: bench.party(n2), to: party(n1, boot: boot), &bench)
        #expect(bench[n1].promised == ballot)
    }

    @Test func wordsFromAnEarlierLifeAreNotHeard() throws {
        var bench = try makeBench()
        bench.hear(.fetch(Fetch(from: Slot(1), through: Slot(1))), from: n2, at: n1)
        send(from: party(n2, boot: bench.party(n2).boot.rawValue - 1), to: bench.party(n1), &bench)
        #expect(bench[n1].promised == .zero)
    }

    @Test func anotherIncarnationOfAMemberIsNotHeard() throws {
        var bench = try makeBench()
        send(from: party(n2, incarnation: Incarnation(rawValue: 999), boot: 1), to: bench.party(n1), &bench)
        #expect(bench[n1].promised == .zero)
        #expect(isCorrected(bench))
    }
}
