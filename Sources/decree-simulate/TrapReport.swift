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

    private static let transcript = Mutex<[String]>([])
    private static let transcriptMax = 400

    /// Of the only run of this process.
    static func note(_ line: String) {
        transcript.withLock { transcript in
            transcript.append(line)
            if transcript.count > 2 * transcriptMax { transcript.removeFirst(transcriptMax) }
        }
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
        for line in transcript.withLock({ $0.suffix(transcriptMax) }) { Swift.print(line) }
        fflush(nil)
        if let text = UnsafePointer<CChar>(bitPattern: text.load(ordering: .acquiring)) { _ = write(STDERR_FILENO, text, strlen(text)) }
    }
}
