import Explorer
import Glibc
import Synchronization

/// A failed invariant of the core ends the program: then too it has to say how things came to that.
enum TrapReport {
    /// Where the exploration under way is; 0 where there is none.
    private static let address = Atomic<UInt>(0)

    static func isRunning(_ exploration: Exploration) {
        address.store(UInt(bitPattern: Unmanaged.passUnretained(exploration).toOpaque()), ordering: .relaxed)
    }

    static func isOver() { address.store(0, ordering: .relaxed) }

    static func install() {
        for number in [SIGTRAP, SIGILL, SIGSEGV, SIGABRT] {
            signal(number) { number in
                // Whatever goes wrong from here on ends the program at once.
                signal(number, SIG_DFL)
                TrapReport.print()
                _exit(1)
            }
        }
    }

    /// The process is about to end: it matters more that this is said than that it is said safely.
    private static func print() {
        guard let place = UnsafeRawPointer(bitPattern: address.load(ordering: .relaxed)) else { return }
        let exploration = Unmanaged<Exploration>.fromOpaque(place).takeUnretainedValue()
        Swift.print("\na shortest way to an invariant that does not hold (named above):")
        for line in exploration.storySoFar { Swift.print(line) }
        Swift.print("to see this again: decree-explore \(exploration.scenario.name)")
        fflush(nil)
    }
}
