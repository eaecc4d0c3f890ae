/// Decides whether a history is linearizable (Herlihy & Wing 1990): whether the calls can be put in one order that respects real
/// time and in which every answer is the model's.
///
/// Sources:
/// - Wing & Gong, *Testing and Verifying Concurrent Objects* (1993): the search over orders;
/// - Lowe, *Testing for Linearizability* (2017): remembering what has been tried, and deciding only at returns;
/// - Horn & Kroening, *Faster Linearizability Checking via P-Compositionality* (2015): each key by itself.
package struct Checker<M: Model>: Sendable {
    private let model: M
    private let stepsMax: Int

    /// - Parameter stepsMax: gives up after so many positions; each costs some 200 bytes and a few microseconds.
    package init(_ model: M, stepsMax: Int = 2_000_000) {
        self.model = model
        self.stepsMax = stepsMax
    }

    /// The calls of one object.
    package func check(_ operations: [M.Call]) -> Verdict<M> {
        var search = Search(model, operations, stepsMax: stepsMax)
        return search.run()
    }

    /// The calls of many objects that do not touch each other: linearizable if and only if each of them is (Herlihy & Wing's
    /// locality). Verdicts in the order of the keys.
    package func check<Key: Comparable & Hashable>(_ operations: [(key: Key, call: M.Call)]) -> [(key: Key, verdict: Verdict<M>)] {
        var histories: [Key: [M.Call]] = [:]
        for (key, call) in operations { histories[key, default: []].append(call) }
        return histories.keys.sorted().map { key in (key, check(histories[key] ?? [])) }
    }
}
