import Foundation
import Node
import Testing

/// What `decree replace` does next, from what the nodes say.
@Suite struct ReplacementTests {
    private func shard(role: String, incarnation: String, round: Int = 7, member: String = "[]", isPending: Bool = false) -> String {
        """
        {
          "name": "shard1", "keys": "a*", "role": "\(role)", "promised": { "round": \(round), "node": "dc1" }, "chosenUpTo": 90,
          "appliedUpTo": 40, "lastSlot": 90, "incarnation": "\(incarnation)", "boot": 1, "configuration": 1, "voters": [],
          "waitingFor": [], "holdsLease": false, "isHandingOver": false, "followers": [], "members": \(member),
          "isConfigurationPending": \(isPending)
        }
        """
    }

    private func node(_ name: String, _ shard: String) -> String {
        """
        { "name": "\(name)", "datacenter": "D", "client": "h:1", "status": {
          "version": "0.1.0", "cluster": "demo", "node": "\(name)", "datacenter": "D", "processID": 1, "uptimeSeconds": 1, "clients": 0,
          "nodes": [], "shards": [\(shard)], "peers": [], "transport": {
            "datagramsSent": 0, "datagramsReceived": 0, "datagramBytesSent": 0, "datagramBytesReceived": 0, "streamFramesSent": 0,
            "streamFramesReceived": 0, "streamBytesSent": 0, "streamBytesReceived": 0, "dropped": {}, "queueDropped": 0,
            "oversizeDropped": 0, "reconnects": 0, "sendErrors": 0 } } }
        """
    }

    private func step(_ nodes: [String]) throws -> Replacement.Step {
        let text = #"{ "cluster": "demo", "nodes": [\#(nodes.joined(separator: ", "))] }"#
        let status = try JSONDecoder().decode(ClusterStatus.self, from: Data(text.utf8))
        return Replacement.step(of: "dc2", "shard1", in: status)
    }

    private func member(_ incarnation: String, isVoter: Bool) -> String {
        #"[{ "node": "dc2", "incarnation": "\#(incarnation)", "isVoter": \#(isVoter) }]"#
    }

    @Test func anotherLifesPlaceHasToBeGivenAway() throws {
        let leader = node("dc1", shard(role: "leader", incarnation: "1", member: member("old", isVoter: true)))
        #expect(try step([leader, node("dc2", shard(role: "stranger", incarnation: "new"))]) == .ask(leader: "dc1"))
    }

    @Test func aLearnerIsWaitedFor() throws {
        let leader = node("dc1", shard(role: "leader", incarnation: "1", member: member("new", isVoter: false)))
        #expect(try step([leader, node("dc2", shard(role: "follower", incarnation: "new"))]) == .catchesUp(applied: 40, of: 90))
    }

    @Test func aVoterIsDone() throws {
        let leader = node("dc1", shard(role: "leader", incarnation: "1", member: member("new", isVoter: true)))
        #expect(try step([leader, node("dc2", shard(role: "follower", incarnation: "new"))]) == .votes)
    }

    @Test func aVotersDirectoryThatHasForgottenIsNotTakenForItself() throws {
        let leader = node("dc1", shard(role: "leader", incarnation: "1", member: member("old", isVoter: true)))
        #expect(try step([leader, node("dc2", shard(role: "stranger", incarnation: "old"))]) == .hasForgotten)
    }

    @Test func aVoteCountsOnceNoEarlierConfigurationGovernsOpenSlots() throws {
        let leader = node("dc1", shard(role: "leader", incarnation: "1", member: member("new", isVoter: true), isPending: true))
        #expect(try step([leader, node("dc2", shard(role: "follower", incarnation: "new"))]) == .comesIntoForce)
    }

    @Test func theNewerOfTwoLeadersIsBelieved() throws {
        let old = node("dc1", shard(role: "leader", incarnation: "1", member: member("new", isVoter: true)))
        let new = node("dc3", shard(role: "leader", incarnation: "3", round: 8, member: member("other", isVoter: true)))
        #expect(try step([old, node("dc2", shard(role: "stranger", incarnation: "new")), new]) == .ask(leader: "dc3"))
    }

    @Test func withoutALeaderThereIsNobodyToAsk() throws {
        #expect(try step([node("dc2", shard(role: "stranger", incarnation: "new"))]) == .noLeader)
    }
}
