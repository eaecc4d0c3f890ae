/// The way of one operation: issued, answered, finished.
extension LoadLoop {
    /// Gives a connection as much to do as it may have under way.
    func offer(_ connection: LoadConnection, _ now: UInt64) {
        guard isIssuing, connection.state == .open, !connection.isPaused else { return }
        guard schedule == nil else { return becomeIdle(connection) }
        while !connection.pending.isFull, issue(connection, intended: now, now) {}
    }

    /// False where there is nothing left to do.
    func issue(_ connection: LoadConnection, intended: UInt64, _ now: UInt64) -> Bool {
        guard let next = source.next(of: connection.index) else { return false }
        source.write(next, dialect, into: &connection.output)
        connection.pending.append(
            LoadConnection.Pending(
                intended: intended, sent: now, kind: next.kind, request: next.request, key: next.key, number: next.number,
                repliesLeft: dialect.replyCount(next.request)))
        return true
    }

    func take(_ reply: Reply, _ connection: LoadConnection, _ now: UInt64) {
        let isRead = connection.pending.first.request == .get
        switch reply {
        case .failure(let failure):
            if connection.pending.first.failure == nil { connection.pending.first.failure = failure }
        case .integer(let count) where !isRead && count < settings.waitFor:
            let failure = Reply.Failure(code: "TOOFEWREPLICAS", isIndefinite: true)
            if connection.pending.first.failure == nil { connection.pending.first.failure = failure }
        case .done, .absent: if isRead { recorder.miss(at: now) }
        case .integer, .value: break
        }
        connection.pending.first.repliesLeft -= 1
        guard connection.pending.first.repliesLeft == 0 else { return }
        finish(connection.pending.removeFirst(), connection, now)
    }

    func finish(_ pending: LoadConnection.Pending, _ connection: LoadConnection, _ now: UInt64) {
        if let failure = pending.failure {
            source.failed(pending.key, of: connection.index, isIndefinite: failure.isIndefinite)
            recorder.fail(failure.code, at: now)
            // An open loop goes on at its rate.
            if schedule == nil { pause(connection, now) }
        } else if pending.kind == .readModifyWrite, pending.request == .get {
            return modify(pending, connection, now)
        } else {
            source.succeeded(pending.key, pending.number)
            recorder.succeed(pending.kind, intended: pending.intended, at: now)
        }
        offer(connection, now)
    }

    /// The second half of a read-modify-write; the time since its first counts.
    private func modify(_ read: LoadConnection.Pending, _ connection: LoadConnection, _ now: UInt64) {
        let next = OperationSource.Next(kind: read.kind, request: .set, key: read.key, number: 0)
        source.write(next, dialect, into: &connection.output)
        var write = read
        write.request = .set
        write.sent = now
        write.repliesLeft = dialect.replyCount(.set)
        connection.pending.append(write)
    }
}
