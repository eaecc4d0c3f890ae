import KeyValue
import Replica

/// Keys and values in memory. Answers at once, or when the test says so and in the order that it says.
final class ScriptedService: CommandService {
    /// Requests in the order in which they were handed over.
    private(set) var requests: [ServiceRequest] = []
    var answersAtOnce = true
    /// What the next commands come to instead of being carried out.
    var replies: [ServiceReply] = []
    private(set) var values: [(key: [UInt8], value: [UInt8])] = []
    private var waiting: [(request: ServiceRequest, completion: (ServiceReply) -> Void)] = []

    var waitingCount: Int { waiting.count }

    func execute(_ request: ServiceRequest, completion: @escaping (ServiceReply) -> Void) {
        requests.append(request)
        if answersAtOnce { completion(reply(to: request)) } else { waiting.append((request, completion)) }
    }

    /// Carries out one of the waiting requests and answers it.
    func answer(_ index: Int = 0) {
        let (request, completion) = waiting.remove(at: index)
        completion(reply(to: request))
    }

    /// Carries all out in order, then answers in the opposite order.
    func answerAllBackwards() {
        let answers = waiting.map { ($0.completion, reply(to: $0.request)) }
        waiting = []
        for (completion, reply) in answers.reversed() { completion(reply) }
    }

    /// What was asked for shards, and what comes of it.
    private(set) var administered: [AdministrationRequest] = []
    var administrationReply = AdministrationReply.done

    func administer(_ request: AdministrationRequest, completion: @escaping (AdministrationReply) -> Void) {
        administered.append(request)
        completion(administrationReply)
    }

    func statusJSON() -> String { #"{"node":"n1"}"# }

    func info() -> [(section: String, fields: [(String, String)])] { [("Shards", [("shard1", "leader=n1")])] }

    private func reply(to request: ServiceRequest) -> ServiceReply {
        if !replies.isEmpty { return replies.removeFirst() }
        switch request {
        case .command(.query(let query)), .localQuery(let query): return .outcome(outcome(of: query))
        case .command(.mutation(let mutation)): return .outcome(outcome(of: mutation))
        case .scan(let cursor, let count, let pattern, _):
            return .outcome(outcome(of: .scan(after: cursor, count: count, pattern: pattern)))
        case .count: return .outcome(.integer(Int64(values.count)))
        case .randomKey: return .outcome(.value(values.first?.key))
        }
    }

    private func outcome(of query: Query) -> Outcome {
        switch query {
        case .get(let key): .value(self[key])
        case .getMany(let keys): .values(keys.map { self[$0] })
        case .exists(let keys): .integer(Int64(keys.filter { self[$0] != nil }.count))
        case .length(let key): .integer(Int64(self[key]?.count ?? 0))
        case .type(let key): .type(self[key] == nil ? nil : "string")
        case .scan(let after, let count, let pattern):
            page(after: Int(after), count, pattern)
        case .count: .integer(Int64(values.count))
        case .randomKey: .value(values.first?.key)
        }
    }

    /// A pattern is taken as a prefix and its `*`.
    private func page(after: Int, _ count: Int, _ pattern: [UInt8]?) -> Outcome {
        let rows = values.dropFirst(after).prefix(count)
        let prefix = pattern.map { Array($0.dropLast()) } ?? []
        let next = after + rows.count
        return .page(next: next >= values.count ? 0 : UInt64(next), keys: rows.map(\.key).filter { $0.starts(with: prefix) })
    }

    private func outcome(of mutation: Mutation) -> Outcome {
        switch mutation {
        case .set(let key, let value, let condition, let returnsPrevious):
            let previous = self[key]
            let holds =
                switch condition {
                case .always: true
                case .ifAbsent: previous == nil
                case .ifPresent: previous != nil
                case .ifEqual(let wanted): previous == wanted
                }
            if holds { self[key] = value }
            return .set(isApplied: holds, previous: returnsPrevious ? previous : nil)
        case .setMany(let pairs):
            for pair in pairs { self[pair.key] = pair.value }
            return .done
        case .delete(let keys):
            let existing = keys.filter { key in
                defer { self[key] = nil }
                return self[key] != nil
            }
            return .integer(Int64(existing.count))
        case .getAndDelete(let key):
            defer { self[key] = nil }
            return .value(self[key])
        case .append(let key, let value, _):
            self[key] = (self[key] ?? []) + value
            return .integer(Int64(self[key]?.count ?? 0))
        case .increment(let key, let amount):
            guard let number = Int64(String(decoding: self[key] ?? [48], as: UTF8.self)) else { return .failed(.notAnInteger) }
            let (sum, overflow) = number.addingReportingOverflow(amount)
            guard !overflow else { return .failed(.overflow) }
            self[key] = Array(String(sum).utf8)
            return .integer(sum)
        case .openSession, .keepSession, .agreeOnTable: return .done
        }
    }

    private subscript(key: [UInt8]) -> [UInt8]? {
        get { values.first { $0.key == key }?.value }
        set {
            let index = values.firstIndex { $0.key == key }
            switch (index, newValue) {
            case (let index?, let value?): values[index].value = value
            case (nil, let value?): values.append((key, value))
            case (let index?, nil): values.remove(at: index)
            case (nil, nil): break
            }
        }
    }
}
