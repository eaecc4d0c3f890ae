import Paxos

extension Scenario {
    /// How much may happen at each replica, after the opening.
    package var allowance: String {
        var parts = [counts("loses patience", timeOutsMax), counts("takes commands", commandsMax)]
        parts += [counts("sends heartbeats", heartbeatsMax), counts("is read", readsMax), counts("gives leadership away", handoversMax)]
        parts.append(counts("restarts", restartsMax) + (restartsInAllMax > 0 ? " (\(restartsInAllMax) in all)" : ""))
        let slow = zip(members, disks).filter { $0.1 != .immediate }.map { "\($0.0)" }
        if !slow.isEmpty { parts.append("syncs take time at \(slow.joined(separator: ", "))") }
        if times.count > 1 { parts.append("\(times.count) units of time") }
        parts.append(settings.leasedReads ? "leases" : "no leases")
        if !deaf.isEmpty { parts.append("nothing reaches \(deaf.map { "\(members[$0])" }.joined(separator: ", "))") }
        if losesRefusals { parts.append("refusals are lost") }
        return parts.filter { !$0.isEmpty }.joined(separator: "; ")
    }

    private func counts(_ what: String, _ counts: [Int]) -> String {
        let named = zip(members, counts).filter { $0.1 > 0 }.map { "\($0.0) \($0.1)×" }
        return named.isEmpty ? "" : "\(what): \(named.joined(separator: ", "))"
    }
}
