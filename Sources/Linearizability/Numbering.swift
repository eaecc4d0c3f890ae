/// Gives each distinct state a small number, so that positions are cheap to keep and to compare.
struct Numbering<State: Hashable> {
    private var states: [State] = []
    private var numbers: [State: Int32] = [:]

    mutating func number(of state: State) -> Int32 {
        if let number = numbers[state] { return number }
        let number = Int32(states.count)
        states.append(state)
        numbers[state] = number
        return number
    }

    subscript(number: Int32) -> State {
        states[Int(number)]
    }
}
