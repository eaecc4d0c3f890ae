/// Which calls need a state, and which can bring it about.
struct Dependencies<M: Model> {
    /// By the state's number: the calls of known outcome that need it, and those that may leave it, in the order of their returns.
    private var needing: [[Int]] = []
    private var leaving: [[Int]] = []
    /// The calls of unknown outcome that may leave it, as indices into `Timeline.unknowns`.
    private var unknownLeaving: [[Int]] = []
    /// A call of unknown outcome might leave any state.
    private var hasUnknownDepending = false
    /// The last return of a call that might leave any state, or -1.
    private var lastDepending = -1

    init(_ model: M, _ timeline: Timeline<M>, _ states: inout Numbering<M.State>) {
        for (frame, moment) in timeline.returns.enumerated() {
            let call = timeline.operations[moment.operation]
            if let state = model.needed(call.input, call.output) {
                let number = grow(states.number(of: state))
                needing[number].append(moment.operation)
            }
            switch model.effect(call.input, call.output) {
            case .observes: break
            case .leaves(let state):
                let number = grow(states.number(of: state))
                leaving[number].append(moment.operation)
            case .depends: lastDepending = frame
            }
        }
        for (index, operation) in timeline.unknowns.enumerated() {
            switch model.effect(timeline.operations[operation].input, nil) {
            case .observes: break
            case .leaves(let state):
                let number = grow(states.number(of: state))
                unknownLeaving[number].append(index)
            case .depends: hasUnknownDepending = true
            }
        }
    }

    private mutating func grow(_ number: Int32) -> Int {
        while needing.count <= Int(number) {
            needing.append([])
            leaving.append([])
            unknownLeaving.append([])
        }
        return Int(number)
    }

    /// Whether a call that is yet to be placed needs the state, and none that is yet to be placed can bring it back.
    func isLost(_ state: Int32, _ timeline: Timeline<M>, _ position: Search<M>.Position, _ frame: Int) -> Bool {
        let number = Int(state)
        if hasUnknownDepending || lastDepending >= frame || number >= needing.count { return false }
        guard hasUnplaced(needing[number], timeline, position, frame) else { return false }
        if hasUnplaced(leaving[number], timeline, position, frame) { return false }
        return unknownLeaving[number].allSatisfy { position.spent.contains($0) }
    }

    private func hasUnplaced(_ calls: [Int], _ timeline: Timeline<M>, _ position: Search<M>.Position, _ frame: Int) -> Bool {
        for operation in calls.reversed() {
            let span = timeline.spans[operation]
            if span.upperBound < frame { return false }
            if span.lowerBound > frame || !position.placed.contains(timeline.places[operation]) { return true }
        }
        return false
    }
}
