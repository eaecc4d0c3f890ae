import Dispatch
import Foundation

/// What asks a process to stop: SIGTERM, SIGINT and, where wanted, the end of standard input.
/// What comes before anybody waits is kept.
struct StopSignals {
    private let stream: AsyncStream<String>
    private let sources: [any DispatchSourceSignal]

    init(includesEndOfInput: Bool) {
        let (stream, sink) = AsyncStream.makeStream(of: String.self, bufferingPolicy: .bufferingOldest(1))
        self.stream = stream
        sources = [(SIGTERM, "SIGTERM"), (SIGINT, "SIGINT")].map { number, name in
            // The default would end the process before the source hears of it.
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
            source.setEventHandler { sink.yield(name) }
            source.resume()
            return source
        }
        if includesEndOfInput {
            Thread.detachNewThread {
                var byte: UInt8 = 0
                while read(STDIN_FILENO, &byte, 1) > 0 {}
                sink.yield("standard input has ended")
            }
        }
    }

    /// Waits for the first wish to stop; what it was.
    func first() async -> String {
        for await reason in stream { return reason }
        return "nobody can ask any more"
    }

    /// A second signal does not wait.
    func endProcessOnNext() {
        for source in sources { source.cancel() }
        signal(SIGTERM, SIG_DFL)
        signal(SIGINT, SIG_DFL)
    }
}
