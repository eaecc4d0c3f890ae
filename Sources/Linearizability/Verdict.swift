/// What the checker found.
package enum Verdict<M: Model>: Sendable {
    /// The calls in this order, by index, give every answer that was seen. Unknown calls that are missing never took effect.
    case linearizable(order: [Int])
    case notLinearizable(Explanation<M>)
    /// Neither could be shown within the given number of steps.
    case gaveUp(steps: Int)

    package var isLinearizable: Bool {
        if case .linearizable = self { true } else { false }
    }

    package var isNotLinearizable: Bool {
        if case .notLinearizable = self { true } else { false }
    }
}

/// How far an order could be found, and the call that does not fit behind it.
///
/// The search tried every order; this is one that came furthest, so the fault lies at or before `misfit`.
package struct Explanation<M: Model>: Sendable {
    package let operations: [M.Call]
    /// The longest order that was found, by index.
    package let prefix: [Int]
    /// The state at its end.
    package let state: M.State
    /// The call whose return could not be reached.
    package let misfit: Int
    /// The other calls that were open then and had not been placed.
    package let open: [Int]
}

extension Explanation: CustomStringConvertible {
    private static var linesMax: Int { 12 }

    package var description: String {
        var lines = ["not linearizable: \(prefix.count) of \(operations.count) calls could be put in order, the last of them"]
        lines += prefix.suffix(Self.linesMax).map { "      \(operations[$0])" }
        lines.append("  leaving \(state); then this one fits nowhere")
        lines.append("    ✗ \(operations[misfit])")
        if !open.isEmpty { lines.append("  nor behind any of the calls that were open") }
        lines += open.prefix(Self.linesMax).map { "      \(operations[$0])" }
        if open.count > Self.linesMax { lines.append("      … and \(open.count - Self.linesMax) more") }
        return lines.joined(separator: "\n")
    }
}

extension Verdict: CustomStringConvertible {
    package var description: String {
        switch self {
        case .linearizable: "linearizable"
        case .notLinearizable(let explanation): explanation.description
        case .gaveUp(let steps): "gave up after \(steps) steps"
        }
    }
}
