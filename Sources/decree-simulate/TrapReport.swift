import Glibc
import Simulator
import Synchronization

/// A failed invariant ends the program: then too it has to say how to see that again.
enum TrapReport {
    private static let seed = Atomic<UInt64>(0)
    private static let profile = Atomic(0)
    /// 0 where the seed decides.
    private static let nodes = Atomic(0)
    private static let shards = Atomic(0)

    static func isRunning(_ options: SimulationOptions) {
        seed.store(options.seed, ordering: .relaxed)
        profile.store(Profile.allCases.firstIndex(of: options.profile) ?? 0, ordering: .relaxed)
        nodes.store(options.nodeCount ?? 0, ordering: .relaxed)
        shards.store(options.shardCount ?? 0, ordering: .relaxed)
    }

    static func install() {
        for number in [SIGTRAP, SIGILL, SIGSEGV, SIGABRT] {
            signal(number) { number in
                TrapReport.print()
                signal(number, SIG_DFL)
                raise(number)
            }
        }
    }

    /// The process is about to end: it matters more that this is said than that it is said safely.
    private static func print() {
        let (nodes, shards) = (nodes.load(ordering: .relaxed), shards.load(ordering: .relaxed))
        let options = SimulationOptions(
            seed: seed.load(ordering: .relaxed), profile: Profile.allCases[profile.load(ordering: .relaxed)],
            nodeCount: nodes > 0 ? nodes : nil, shardCount: shards > 0 ? shards : nil)
        let text = "\ntrapped: the process would have ended here\nto see this again: \(options.replayCommand)\n"
        _ = text.withCString { write(STDERR_FILENO, $0, strlen($0)) }
    }
}
