import Synchronization

/// The disk of one machine, in memory: forgets at a loss of power what was not synced, and fails when it is told to.
/// docs/testing.md says what it models and what not. Each random choice comes from the seed or from the caller's generator.
///
/// SQLite reaches it through a `FaultVFS`.
package final class SimulatedDisk: Sendable {
    let state: Mutex<DiskState>

    package init(seed: UInt64) {
        state = Mutex(DiskState(seed: seed))
    }

    private init(_ state: DiskState) { self.state = Mutex(state) }

    /// What would be found, had the power failed at this very moment: a disk of its own, which nobody watches. This one is left as it is.
    package func copyWithoutPower(seed: UInt64) -> SimulatedDisk {
        var copy = state.withLock { $0 }
        var random = SplitMix64(seed: seed)
        copy.crash(using: &random)
        copy.watch = nil
        copy.capacity = nil
        return SimulatedDisk(copy)
    }

    /// Is told of each operation before it is done, outside of any lock, and says what goes wrong with it. One that takes
    /// long on a real disk may let virtual time pass here.
    package func watch(_ watch: (@Sendable (Operation) -> Fault?)?) {
        state.withLock { $0.watch = watch }
    }

    package var counters: DiskCounters { state.withLock { $0.counters } }

    /// Operations so far: the number of the last one.
    package var operationCount: UInt64 { state.withLock { $0.operationCount } }

    /// The bytes that all files together may have; a write that would exceed it finds no room. Nil: no limit.
    package func setCapacity(bytes: Int?) {
        state.withLock { $0.capacity = bytes }
    }

    package var usedBytes: Int { state.withLock { $0.usedBytes } }

    /// The power fails, and comes back: of what was not synced each write, truncation and name is found kept, dropped or torn.
    /// Whatever the processes before had open is dead: it fails, and changes nothing.
    package func crash(using random: inout some RandomNumberGenerator) {
        // The lock's closure may not hold on to the caller's generator.
        var drawn = SplitMix64(seed: random.next())
        state.withLock { $0.crash(using: &drawn) }
    }

    /// The process ends and the machine lives on: nothing is lost, and nothing more is durable than was.
    package func kill() {
        state.withLock { $0.beginLife() }
    }

    /// Whether a `powerLoss` has stopped the machine.
    package var isHalted: Bool { state.withLock { $0.isHalted } }

    /// What a process would read, unspoiled and uncounted; nil where there is no such file.
    package func contents(of path: String) -> [UInt8]? {
        state.withLock { state in state.names.names[path].flatMap { state.file($0)?.contents } }
    }

    /// 0 where there is no such file.
    package func byteCount(of path: String) -> Int {
        state.withLock { state in state.names.names[path].flatMap { state.file($0)?.contents.count } ?? 0 }
    }

    /// Whether a loss of power would take nothing from a file (what was cut off may come back); true where there is no such file.
    package func isSynced(_ path: String) -> Bool {
        state.withLock { state in state.names.names[path].map { state.isSynced($0) } ?? true }
    }

    /// Damages what is at rest, and what is cached of it. False where there is no such byte.
    package func flip(bit: Int, ofByte offset: Int, in path: String) -> Bool {
        state.withLock { state in
            guard let file = state.names.names[path], let length = state.file(file)?.contents.count, offset < length else { return false }
            state.flip(bit: bit, ofByte: offset, in: file)
            return true
        }
    }
}
