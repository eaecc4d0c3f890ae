import Replica
import Wire

// `Wire` stands below `Replica` and has its own form of what a shard's client and its leader say to each other.

extension ServiceBody {
    init(_ message: ServiceMessage) {
        switch message {
        case .propose(let session, let sequence, let command): self = .propose(session: session, sequence: sequence, command: command)
        case .outcome(let session, let sequence, let outcome): self = .outcome(session: session, sequence: sequence, outcome)
        case .refused(let session, let sequence, let refusal):
            self = .refused(session: session, sequence: sequence, RefusalReason(refusal))
        case .query(let token, let query): self = .query(token: token, query)
        case .answer(let token, let outcome): self = .answer(token: token, outcome)
        case .queryRefused(let token, let refusal): self = .queryRefused(token: token, RefusalReason(refusal))
        }
    }
}

extension ServiceMessage {
    init(_ body: ServiceBody) {
        switch body {
        case .propose(let session, let sequence, let command): self = .propose(session: session, sequence: sequence, command: command)
        case .outcome(let session, let sequence, let outcome): self = .outcome(session: session, sequence: sequence, outcome)
        case .refused(let session, let sequence, let reason): self = .refused(session: session, sequence: sequence, Refusal(reason))
        case .query(let token, let query): self = .query(token: token, query)
        case .answer(let token, let outcome): self = .answer(token: token, outcome)
        case .queryRefused(let token, let reason): self = .queryRefused(token: token, Refusal(reason))
        }
    }
}

extension RefusalReason {
    fileprivate init(_ refusal: Refusal) {
        switch refusal {
        case .notLeader(let leader): self = .notLeader(leader)
        case .busy: self = .busy
        }
    }
}

extension Refusal {
    fileprivate init(_ reason: RefusalReason) {
        switch reason {
        case .notLeader(let leader): self = .notLeader(leader)
        case .busy: self = .busy
        }
    }
}
