/// Full disks: leadership goes where there is room, and where it can't, writes are refused before the reserve is used up.
extension Group {
    /// Whether a leader has to refuse commands that need room. What is open already is finished from the reserve.
    package var refusesWrites: Bool {
        guard let leadership else { return false }
        let hasQuorum = configurations.open(above: chosenUpTo).allSatisfy { open in
            let own = hasRoom && open.configuration.isVoter(identity.life) ? 1 : 0
            return own + leadership.progress.count { $0.hasRoom && open.configuration.isVoter($0.life) } >= open.configuration.quorum
        }
        guard hasQuorum, !hasRoom else { return !hasQuorum }
        return leadership.transfer == nil && !leadership.progress.contains { isVoter($0) && $0.hasRoom && $0.currentSince != nil }
    }

    /// Who would take leadership from a leader without room.
    func peerWithRoom(_ now: Instant) -> NodeID? {
        leadership?.progress.first { isVoter($0) && $0.hasRoom && keepsUp($0, now) }?.node
    }
}
