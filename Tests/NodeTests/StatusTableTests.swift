import Foundation
import Node
import Testing

@Suite struct StatusTableTests {
    /// The status of one node, in the form in which nodes send it.
    private func status(of node: String, peer: String, role: String, applied: UInt64) -> String {
        """
        {
          "version": "0.1.0", "cluster": "demo", "node": "\(node)", "datacenter": "D", "processID": 1, "uptimeSeconds": 1,
          "clients": 0, "nodes": [],
          "shards": [{
            "name": "shard1", "keys": "a*", "role": "\(role)", "leader": "dc1", "promised": { "round": 7, "node": "dc1" },
            "chosenUpTo": \(applied), "appliedUpTo": \(applied), "lastSlot": \(applied), "incarnation": "0123456789abcdef",
            "boot": 1, "configuration": 1, "voters": ["dc1", "dc2", "dc3"], "waitingFor": ["dc3"], "holdsLease": false,
            "isHandingOver": false, "followers": []
          }],
          "peers": [
            {
              "node": "\(peer)", "path": "udp", "isConnected": true, "sentByDatagram": 1, "receivedByDatagram": 1,
              "sentByStream": 0, "receivedByStream": 0, "queuedBytes": 0
            },
            {
              "node": "dc3", "path": "down", "isConnected": false, "sentByDatagram": 0, "receivedByDatagram": 0,
              "sentByStream": 0, "receivedByStream": 0, "queuedBytes": 0
            }
          ],
          "transport": {
            "datagramsSent": 0, "datagramsReceived": 0, "datagramBytesSent": 0, "datagramBytesReceived": 0,
            "streamFramesSent": 0, "streamFramesReceived": 0, "streamBytesSent": 0, "streamBytesReceived": 0, "dropped": {},
            "queueDropped": 0, "oversizeDropped": 0, "reconnects": 0, "sendErrors": 0
          }
        }
        """
    }

    private func cluster(_ nodes: [String]) throws -> ClusterStatus {
        let text = #"{ "cluster": "demo", "nodes": [\#(nodes.joined(separator: ", "))] }"#
        return try JSONDecoder().decode(ClusterStatus.self, from: Data(text.utf8))
    }

    private func answer(_ number: Int, _ rest: String) -> String {
        #"{ "name": "dc\#(number)", "datacenter": "Datacenter\#(number)", "client": "h:\#(number)", \#(rest) }"#
    }

    @Test func thePictureShowsLeadersLagAndWhoIsDown() throws {
        let cluster = try cluster([
            answer(1, #""status": \#(status(of: "dc1", peer: "dc2", role: "leader", applied: 12))"#),
            answer(2, #""status": \#(status(of: "dc2", peer: "dc1", role: "follower", applied: 9))"#),
            answer(3, #""error": "h:3: Connection refused""#),
        ])
        #expect(
            cluster.table() == """
                cluster demo   Datacenter1    Datacenter2        Datacenter3
                               dc1 h:1        dc2 h:2            dc3 h:3
                shard1         ★ leader       follower           down
                keys: a*       ballot 7.dc1   ballot 7.dc1
                               applied 12     applied 9, lag 3

                peers          dc2 UDP        dc1 UDP
                               dc3 down       dc3 down
                Datacenter3 (dc3) does not answer: h:3: Connection refused

                """)
    }

    @Test func aReplicaThatDoesNotVoteSaysWhy() throws {
        let nodes = ["unborn", "stranger"].map { answer(1, #""status": \#(status(of: "dc1", peer: "dc2", role: $0, applied: 0))"#) }
        let table = try cluster(nodes).table()
        #expect(table.contains("waits for dc3"))
        #expect(table.contains("stranger: does not vote"))
    }

    @Test(arguments: [
        (#""hasRoom": false"#, "follower, no room"),
        (#""members": [{ "node": "dc1", "incarnation": "07", "isVoter": false }]"#, "learner"),
        (#""fetching": { "slot": 0, "storedBytes": 0, "byteCount": 0 }"#, "follower, waits for a snapshot"),
        (
            #""fetching": { "source": "dc2", "slot": 9, "storedBytes": 420, "byteCount": 1000 }, "hasRoom": true"#,
            "follower, fetches a snapshot 42 %"
        ),
    ])
    func whatAReplicaLacksIsMarked(fields: String, mark: String) throws {
        let status = status(of: "dc1", peer: "dc2", role: "follower", applied: 1).replacing(#""boot": 1"#, with: #""boot": 1, \#(fields)"#)
        #expect(try cluster([answer(1, #""status": \#(status)"#)]).table().contains(mark + "\n"))
    }

    @Test func theMergedDocumentReadsBackAsItWas() throws {
        let cluster = try cluster([answer(1, #""status": \#(status(of: "dc1", peer: "dc2", role: "leader", applied: 12))"#)])
        #expect(try JSONDecoder().decode(ClusterStatus.self, from: Data(cluster.json().utf8)) == cluster)
    }
}
