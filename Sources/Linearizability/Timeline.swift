/// A history made ready for the search: the returns in order, and at each of them the calls that were open.
///
/// Lowe's just-in-time linearization: nothing has to be decided when a call begins, only when one returns.
struct Timeline<M: Model> {
    struct Return {
        /// The call that returns here, as an index into `operations`.
        let operation: Int
        /// The other calls of known outcome that are open here, in the order of their own returns.
        let open: [Int]
        /// So many of `unknowns` have been invoked before here.
        let unknownCount: Int
    }

    let operations: [M.Call]
    let returns: [Return]
    /// Calls of unknown outcome, in the order of their invocations: each stays open for good. Those that would
    /// only observe are left out: they bind nothing.
    let unknowns: [Int]
    /// The previous element of `unknowns` with the same input, as an index into it, or -1.
    let unknownTwins: [Int]
    /// By operation: its place in the set of placed calls while it is open. Places are used again after a return.
    let places: [Int]
    let placeCount: Int
    /// By operation: the returns, as indices, between which it is open; the last is its own.
    let spans: [ClosedRange<Int>]

    init(_ model: M, _ operations: [M.Call]) {
        self.operations = operations
        var moments: [Moment] = []
        for (index, operation) in operations.enumerated() {
            switch operation.outcome {
            case .returned(_, let returned):
                moments.append(Moment(time: operation.invoked, isReturn: false, operation: index))
                moments.append(Moment(time: max(returned, operation.invoked), isReturn: true, operation: index))
            case .unknown:
                if model.effect(operation.input, nil) == .observes { continue }
                moments.append(Moment(time: operation.invoked, isReturn: false, operation: index))
            }
        }
        moments.sort()

        var unknowns: [Int] = []
        var open: [Int] = []
        var opens: [(operation: Int, open: [Int], unknownCount: Int)] = []
        var places = [Int](repeating: -1, count: operations.count)
        var spans = [ClosedRange<Int>](repeating: 0...0, count: operations.count)
        var free: [Int] = []
        var placeCount = 0
        for moment in moments {
            let operation = moment.operation
            if moment.isReturn {
                open.removeAll { $0 == operation }
                spans[operation] = spans[operation].lowerBound...opens.count
                opens.append((operation, open, unknowns.count))
                free.append(places[operation])
            } else if operations[operation].output == nil {
                unknowns.append(operation)
            } else {
                open.append(operation)
                spans[operation] = opens.count...opens.count
                places[operation] = free.popLast() ?? placeCount
                placeCount = max(placeCount, places[operation] + 1)
            }
        }
        self.places = places
        self.placeCount = placeCount
        self.unknowns = unknowns
        unknownTwins = Self.twins(unknowns.map { operations[$0].input })
        self.spans = spans
        returns = opens.map { moment in
            let open = moment.open.sorted { spans[$0].upperBound < spans[$1].upperBound }
            return Return(operation: moment.operation, open: open, unknownCount: moment.unknownCount)
        }
    }

    private static func twins(_ inputs: [M.Input]) -> [Int] {
        var latest: [M.Input: Int] = [:]
        return inputs.enumerated().map { index, input in
            defer { latest[input] = index }
            return latest[input] ?? -1
        }
    }
}

/// At equal times calls begin before others return: touching calls are concurrent.
private struct Moment: Comparable {
    let time: UInt64
    let isReturn: Bool
    let operation: Int

    static func < (left: Moment, right: Moment) -> Bool {
        if left.time != right.time { return left.time < right.time }
        if left.isReturn != right.isReturn { return right.isReturn }
        return left.operation < right.operation
    }
}
