/// The depth-first search for an order in which every call fits.
///
/// It goes from return to return. A *position* is what has been decided so far: the state, which open calls have been placed,
/// and which calls of unknown outcome have been spent. At a return the search places open calls, fewest first, until the
/// returning call is placed; then it goes to the next return.
///
/// What is cut off, and why nothing is lost by it:
/// - **Seen positions** (Lowe 2017): the future depends on the position alone.
/// - **Dominated positions**: of two positions that differ only in the unknown calls that they have spent, one whose spent
///   calls are a subset of the other's can do all that the other can: a call of unknown outcome need never take effect.
/// - **Observers at once**: a call that never changes the state and fits here can be moved here from wherever an order has it:
///   it is open, and the calls between do not notice.
/// - **Lost states**: a state that some later call needs (`Model.needed`) must not be left when no call remains that could
///   bring it back. Where every value is written once, this settles most orders at once (Gibbons & Korach 1997).
/// - **Twins**: unknown calls with equal inputs are interchangeable, so the earliest is spent first.
/// - **Pointless unknowns**: an unknown call followed at once by a blind write has left no trace; the same order
///   without it is tried anyway. So an unknown write of a value that nobody ever saw is never carried along.
struct Search<M: Model> {
    private let model: M
    private let timeline: Timeline<M>
    private let stepsMax: Int

    private var states = Numbering<M.State>()
    private let dependencies: Dependencies<M>
    private let onlyObserves: [Bool]
    private var seen: [Key: [Spent]] = [:]
    private var trail: [Placed] = []
    private var stack: [Frame] = []
    private(set) var steps = 0
    /// The furthest return that was reached, and how.
    private var furthest: (frame: Int, trail: Int32, state: Int32)

    struct Position {
        var state: Int32
        var placed: Bitset
        var spent: Bitset
        /// The last call was an unknown one, and nothing has noticed it yet.
        var isUnnoticed: Bool
        /// The last element of the trail.
        var trail: Int32
    }

    private struct Key: Hashable {
        let frame: Int32
        let state: Int32
        let placed: Bitset
    }

    private struct Spent {
        let spent: Bitset
        let isUnnoticed: Bool
    }

    /// A placed call and the one before it: all tried orders share one tree.
    private struct Placed {
        let operation: Int32
        let previous: Int32
    }

    /// The search at one return: positions yet to be tried, and those that are past the return.
    private struct Frame {
        var waiting: [Position]
        var next = 0
        var passed: [Position] = []
    }

    init(_ model: M, _ operations: [M.Call], stepsMax: Int) {
        self.model = model
        self.stepsMax = stepsMax
        timeline = Timeline(model, operations)
        dependencies = Dependencies(model, timeline, &states)
        onlyObserves = operations.map { model.effect($0.input, $0.output) == .observes }
        furthest = (0, -1, 0)
    }

    mutating func run() -> Verdict<M> {
        let start = Position(
            state: states.number(of: model.initial), placed: Bitset(capacity: timeline.placeCount),
            spent: Bitset(capacity: timeline.unknowns.count), isUnnoticed: false, trail: -1)
        if timeline.returns.isEmpty { return .linearizable(order: []) }
        enter(start)
        while let position = nextPassed() {
            if stack.count == timeline.returns.count { return .linearizable(order: order(upTo: position.trail)) }
            enter(position)
            if steps > stepsMax { return .gaveUp(steps: steps) }
        }
        return steps > stepsMax ? .gaveUp(steps: steps) : .notLinearizable(explanation())
    }

    /// Opens the frame of the next return. The returning call may have been placed already.
    private mutating func enter(_ position: Position) {
        let frame = stack.count
        var position = position
        observe(&position, frame)
        if furthest.trail == -1 || frame > furthest.frame { furthest = (frame, position.trail, position.state) }
        stack.append(Frame(waiting: []))
        keep(position, frame)
    }

    /// The next position that is past the return of the top frame; goes back to earlier frames where there is none.
    private mutating func nextPassed() -> Position? {
        while let top = stack.indices.last {
            if let position = stack[top].passed.popLast() { return position }
            if stack[top].next < stack[top].waiting.count, steps <= stepsMax {
                let position = stack[top].waiting[stack[top].next]
                stack[top].next += 1
                expand(position, top)
                // The last one in is the first one tried: the returning call itself, placed with the fewest others.
                stack[top].passed.reverse()
            } else {
                stack.removeLast()
            }
        }
        return nil
    }

    /// Places each call that can come next after `position`.
    private mutating func expand(_ position: Position, _ frame: Int) {
        let moment = timeline.returns[frame]
        place(moment.operation, after: position, frame)
        for operation in moment.open where !position.placed.contains(timeline.places[operation]) {
            place(operation, after: position, frame)
        }
        for index in 0..<moment.unknownCount where !position.spent.contains(index) {
            let twin = timeline.unknownTwins[index]
            if twin < 0 || position.spent.contains(twin) { spend(index, after: position, frame) }
        }
    }

    private mutating func place(_ operation: Int, after position: Position, _ frame: Int) {
        let call = timeline.operations[operation]
        if position.isUnnoticed && model.isBlind(call.input) { return }
        guard var next = step(operation, call, position) else { return }
        next.placed.insert(timeline.places[operation])
        next.isUnnoticed = false
        if next.state != position.state && dependencies.isLost(position.state, timeline, next, frame) { return }
        observe(&next, frame)
        keep(next, frame)
    }

    private mutating func spend(_ unknown: Int, after position: Position, _ frame: Int) {
        let operation = timeline.unknowns[unknown]
        let call = timeline.operations[operation]
        if position.isUnnoticed && model.isBlind(call.input) { return }
        guard var next = step(operation, call, position), next.state != position.state else { return }
        next.spent.insert(unknown)
        next.isUnnoticed = true
        if dependencies.isLost(position.state, timeline, next, frame) { return }
        observe(&next, frame)
        keep(next, frame)
    }

    private mutating func step(_ operation: Int, _ call: M.Call, _ position: Position) -> Position? {
        guard let state = model.step(states[position.state], call.input, call.output) else { return nil }
        var next = position
        next.state = states.number(of: state)
        next.trail = append(operation, after: position.trail)
        return next
    }

    /// Places every open call that only observes and fits.
    private mutating func observe(_ position: inout Position, _ frame: Int) {
        let moment = timeline.returns[frame]
        observe(moment.operation, &position)
        for operation in moment.open { observe(operation, &position) }
    }

    private mutating func observe(_ operation: Int, _ position: inout Position) {
        guard onlyObserves[operation], !position.placed.contains(timeline.places[operation]) else { return }
        let call = timeline.operations[operation]
        guard model.step(states[position.state], call.input, call.output) != nil else { return }
        position.placed.insert(timeline.places[operation])
        position.trail = append(operation, after: position.trail)
        position.isUnnoticed = false
    }

    /// Queues a position unless one that can do as much has been queued before.
    private mutating func keep(_ position: Position, _ frame: Int) {
        steps += 1
        let key = Key(frame: Int32(frame), state: position.state, placed: position.placed)
        let isDominated = seen[key]?.contains { earlier in
            earlier.spent.isSubset(of: position.spent) && (!earlier.isUnnoticed || position.isUnnoticed)
        }
        if isDominated == true { return }
        seen[key, default: []].append(Spent(spent: position.spent, isUnnoticed: position.isUnnoticed))

        let place = timeline.places[timeline.returns[frame].operation]
        if position.placed.contains(place) {
            var past = position
            past.placed.remove(place)
            stack[frame].passed.append(past)
        } else {
            stack[frame].waiting.append(position)
        }
    }

    private mutating func append(_ operation: Int, after previous: Int32) -> Int32 {
        trail.append(Placed(operation: Int32(operation), previous: previous))
        return Int32(trail.count - 1)
    }

    private func order(upTo last: Int32) -> [Int] {
        var order: [Int] = []
        var index = last
        while index >= 0 {
            order.append(Int(trail[Int(index)].operation))
            index = trail[Int(index)].previous
        }
        return order.reversed()
    }

    private func explanation() -> Explanation<M> {
        let moment = timeline.returns[furthest.frame]
        let prefix = order(upTo: furthest.trail)
        let placed = Set(prefix)
        let open = (moment.open + timeline.unknowns.prefix(moment.unknownCount)).filter { !placed.contains($0) }
        return Explanation(
            operations: timeline.operations, prefix: prefix, state: states[furthest.state], misfit: moment.operation, open: open)
    }
}
