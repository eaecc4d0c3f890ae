import Glibc
import Simulator
import Synchronization

/// A failed invariant ends the program: then too it has to say how to see that again.
enum TrapReport {
    static let replayPrefix = "to see this again: "
    /// Its address: an atomic pointer can't be shared.
    private static let text = Atomic<UInt>(0)

    static func isRunning(_ options: SimulationOptions) {
        let text = strdup("\ntrapped: the process would have ended here\n\(replayPrefix)\(options.replayCommand)\n")
        free(UnsafeMutablePointer<CChar>(bitPattern: Self.text.exchange(UInt(bitPattern: text), ordering: .acquiringAndReleasing)))
    }

    static func install() {
        for number in [SIGTRAP, SIGILL, SIGSEGV, SIGABRT] {
            signal(number) { number in
                if let text = UnsafePointer<CChar>(bitPattern: TrapReport.text.load(ordering: .acquiring)) {
                    _ = write(STDERR_FILENO, text, strlen(text))
                }
                signal(number, SIG_DFL)
                raise(number)
            }
        }
    }
}
