/// One call that a client made on one object, as the client saw it.
///
/// Times are any monotonic count that all clients share, for example nanoseconds of `CLOCK_MONOTONIC`. Calls whose times touch
/// are taken as concurrent, which can only excuse a history, never accuse it.
package struct Operation<Input: Hashable & Sendable, Output: Hashable & Sendable>: Hashable, Sendable {
    /// The client: one process has one call open at a time.
    package var process: Int
    package var input: Input
    package var invoked: UInt64
    package var outcome: Outcome

    package enum Outcome: Hashable, Sendable {
        /// It took effect exactly once, somewhere between `invoked` and `at`.
        case returned(Output, at: UInt64)
        /// It took effect at any time after `invoked`, or never will. Nothing is known of its result.
        ///
        /// A call that is known *not* to have taken effect does not belong in a history at all.
        case unknown
    }

    package init(process: Int, input: Input, invoked: UInt64, outcome: Outcome) {
        self.process = process
        self.input = input
        self.invoked = invoked
        self.outcome = outcome
    }

    package var output: Output? {
        if case .returned(let output, _) = outcome { output } else { nil }
    }
}

extension Operation: CustomStringConvertible {
    package var description: String {
        switch outcome {
        case .returned(let output, let returned): "[\(invoked)…\(returned)] process \(process): \(input) → \(output)"
        case .unknown: "[\(invoked)…?] process \(process): \(input) → unknown"
        }
    }
}
