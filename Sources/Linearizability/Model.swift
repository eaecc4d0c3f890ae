/// What one object does when calls come one at a time: the specification that a concurrent history is held against.
///
/// A model is deterministic: a state and an input give one next state. That a call of unknown outcome may also never
/// take effect is the checker's business.
package protocol Model: Sendable {
    associatedtype State: Hashable & Sendable
    associatedtype Input: Hashable & Sendable
    associatedtype Output: Hashable & Sendable

    var initial: State { get }

    /// The state after `input`, or nil if at `state` it can't give `output`. An `output` of nil is unknown, and fits.
    func step(_ state: State, _ input: Input, _ output: Output?) -> State?

    /// What the call does to the state, *whatever the state is*, given its output. `.depends` is always a correct answer, only slower.
    func effect(_ input: Input, _ output: Output?) -> Effect<State>

    /// The one state at which the call can give its output, where there is just one: the value that a read returned.
    /// Nil is always a correct answer, only slower.
    func needed(_ input: Input, _ output: Output?) -> State?

    /// Whether neither the next state nor the output depends on the state: a plain write.
    /// What stood right before such a call nobody will ever know; false is always a correct answer, only slower.
    func isBlind(_ input: Input) -> Bool
}

/// What a call does to the state, as far as that can be said without knowing the state.
package enum Effect<State: Hashable & Sendable>: Hashable, Sendable {
    /// Nothing: a read, a compare-and-set that failed.
    case observes
    /// If it changes the state, then to this.
    case leaves(State)
    case depends
}

extension Model {
    package typealias Call = Operation<Input, Output>
}
