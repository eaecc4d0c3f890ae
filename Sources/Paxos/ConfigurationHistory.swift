/// The configurations known to be chosen, and which of them governs a slot.
struct ConfigurationHistory: Hashable, Sendable {
    /// Ascending by slot; empty before genesis.
    private(set) var chosen: [ChosenConfiguration]
    let alpha: Int

    init(chosen: [ChosenConfiguration], alpha: Int) {
        self.chosen = chosen
        self.alpha = alpha
    }

    var newest: Configuration? { chosen.last?.configuration }

    mutating func add(_ configuration: Configuration, chosenAt slot: Slot) {
        invariant(chosen.last.map { $0.slot < slot } ?? true, "configurations are chosen in slot order")
        chosen.append(ChosenConfiguration(slot: slot, configuration: configuration))
    }

    /// Takes in what a snapshot says was chosen at or below it: what governs older slots only may be missing there.
    mutating func adopt(_ known: [ChosenConfiguration]) {
        guard let newest = known.last else { return }
        chosen = known + chosen.filter { $0.slot > newest.slot }
    }

    func learned(above slot: Slot) -> ArraySlice<ChosenConfiguration> {
        let first = chosen.firstIndex { $0.slot > slot } ?? chosen.count
        return chosen[first...]
    }

    /// Slot *s* is governed by the configuration chosen at or below *s − α*; genesis governs from slot 1.
    func governing(_ slot: Slot) -> Configuration {
        chosen[index(governing: slot)].configuration
    }

    /// The last slot that the configuration governing `slot` is known to govern; nil where no successor is known.
    func lastSlot(governedWith slot: Slot) -> Slot? {
        let next = index(governing: slot) + 1
        return next < chosen.count ? firstSlot(governedBy: chosen[next]).previous : nil
    }

    /// The configurations that govern any of the slots that may be open while everything up to `chosenUpTo` is chosen.
    func open(above chosenUpTo: Slot) -> ArraySlice<ChosenConfiguration> {
        guard !chosen.isEmpty else { return [] }
        return chosen[index(governing: chosenUpTo.next)...]
    }

    private func firstSlot(governedBy configuration: ChosenConfiguration) -> Slot {
        configuration.slot == .none ? Slot(1) : configuration.slot.advanced(by: alpha)
    }

    private func index(governing slot: Slot) -> Int {
        guard let index = chosen.lastIndex(where: { firstSlot(governedBy: $0) <= slot }) else {
            invariant(false, "a group that exists has a configuration for every slot")
            return 0
        }
        return index
    }
}
