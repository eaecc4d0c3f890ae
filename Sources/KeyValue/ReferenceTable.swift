/// A whole shard in memory, rows and sessions: what a replica's table must be equal to at the same slot.
package struct ReferenceTable: Hashable, Sendable {
    package private(set) var machine: StateMachine
    package private(set) var rows = MemoryRows()
    /// 0 before the first command.
    package private(set) var appliedUpTo: UInt64 = 0

    package init(machine: StateMachine = StateMachine()) { self.machine = machine }

    package var sessions: Sessions { machine.sessions }

    /// Slots ascend; those that hold no command are left out.
    @discardableResult
    package mutating func apply(_ command: SessionCommand, slot: UInt64, stamp: UInt64) throws -> Outcome {
        precondition(slot > appliedUpTo, "slots are applied in their order")
        appliedUpTo = slot
        return try machine.apply(command, slot: slot, stamp: stamp, to: &rows)
    }

    /// The payload of an entry of kind *command*.
    @discardableResult
    package mutating func apply(bytes: [UInt8], slot: UInt64, stamp: UInt64) throws -> Outcome {
        try apply(SessionCommand(bytes: bytes), slot: slot, stamp: stamp)
    }

    package func answer(_ query: Query) throws -> Outcome { try machine.answer(query, from: rows) }

    package mutating func takeSessionChanges() -> SessionChanges { machine.takeSessionChanges() }
}
