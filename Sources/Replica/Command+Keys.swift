package import KeyValue

/// The keys that a command names, for routing.
package enum CommandKeys: Hashable, Sendable {
    case none
    case one([UInt8])
    case several([[UInt8]])
}

extension Command {
    package var keys: CommandKeys {
        switch self {
        case .query(let query): query.keys
        case .mutation(let mutation): mutation.keys
        }
    }
}

extension Query {
    fileprivate var keys: CommandKeys {
        switch self {
        case .get(let key), .length(let key), .type(let key): .one(key)
        case .getMany(let keys), .exists(let keys): .several(keys)
        case .scan, .count, .randomKey: .none
        }
    }
}

extension Mutation {
    fileprivate var keys: CommandKeys {
        switch self {
        case .set(let key, _, _, _), .getAndDelete(let key), .append(let key, _, _), .increment(let key, _): .one(key)
        case .delete(let keys): .several(keys)
        case .setMany(let pairs): .several(pairs.map(\.key))
        case .openSession, .keepSession, .agreeOnTable: .none
        }
    }
}
