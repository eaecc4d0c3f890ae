/// What the recovery benchmark does, and how long.
package struct RecoverySettings: Sendable {
    package enum Scenario: String, CaseIterable, Sendable {
        case all
        case leader
        case follower
        case wiped
        case kills
        case rolling
    }

    package var scenarios = Scenario.allCases
    package var rounds = 1
    /// Keys that are there when everything is killed.
    package var sizes = [10_000, 100_000]
    package var valueSize = 256
    /// Of the open loops, in operations a second.
    package var rate = 500.0
    package var clients = 32
    /// How long a follower is away, in seconds.
    package var away = 5.0
    /// How long random kills go on, in seconds.
    package var killSeconds = 20.0
    package var seed: UInt64 = 1

    package init() {}

    package func validated() throws(BenchFailure) -> RecoverySettings {
        guard rounds >= 1, !scenarios.isEmpty else { throw .usage("there must be a round and a scenario") }
        guard sizes.allSatisfy({ $0 >= 1 }), !sizes.isEmpty else { throw .usage("sizes: numbers of keys, at least 1") }
        guard rate >= 1, clients >= 1, away > 0, killSeconds > 0 else {
            throw .usage("rate, clients, away and kill-seconds: above 0")
        }
        return self
    }
}

extension RecoverySettings {
    /// What the report says of each scenario.
    package var sections: [FindingReport.Section] {
        Scenario.allCases.map { scenario in
            switch scenario {
            case .all:
                .init(
                    "all", "Everything killed",
                    note:
                        "kill -9 of all processes under load, then all started at once: from the start to the first acknowledged write, and "
                        + "to the first linearizable read, of a client that asks each node again and again.",
                    variantTitle: "keys")
            case .leader:
                .init(
                    "leader", "Leader killed",
                    note:
                        "kill -9 of the leader under an open loop of \(Text.number(rate)) writes a second from \(clients) clients of all nodes. "
                        + "The outage is the longest time between two acknowledged writes. Redis has nobody who takes over: its server is "
                        + "started again at once. Lost writes are those that were acknowledged and are not there.")
            case .follower:
                .init(
                    "follower", "Follower away",
                    note: "kill -9 of a follower under full load from \(clients) clients, started again \(Text.seconds(away)) later: from "
                        + "its start until it has all that the leader has, and what the load did meanwhile, as a share of what it did before."
                )
            case .wiped:
                .init(
                    "wiped", "Follower that has lost its disk",
                    note:
                        "The same with an empty directory: Decree's is replaced (decree replace), etcd's member is removed and added again, "
                        + "Redis' replica fetches everything.")
            case .kills:
                .init(
                    "kills", "Random kills",
                    note:
                        "kill -9 of a random node, again and again for \(Text.seconds(killSeconds)), under full load. Each key is written by one client with "
                        + "rising numbers; at the end each is read: it must hold at least what was acknowledged last, at most what was "
                        + "attempted last.")
            case .rolling:
                .init(
                    "rolling", "Rolling restart",
                    note:
                        "Each node in turn is stopped with SIGTERM and started again, under an open loop of \(Text.number(rate)) writes a second."
                )
            }
        }
    }
}
