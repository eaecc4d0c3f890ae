import Foundation

/// What happens to a demo: all of it in one stream, so that it is handled in order, in one place.
enum DemoEvent: Sendable {
    /// Ctrl-C, or SIGTERM.
    case interrupted
    case ended(place: Int, processID: Int32, text: String)
    case typed(String)
}

struct DemoEvents {
    typealias Sink = AsyncStream<DemoEvent>.Continuation

    let stream: AsyncStream<DemoEvent>
    let sink: Sink
    private var signals: [any DispatchSourceSignal] = []

    init() {
        (stream, sink) = AsyncStream.makeStream(of: DemoEvent.self, bufferingPolicy: .bufferingNewest(1000))
        let sink = sink
        for number in [SIGINT, SIGTERM, SIGHUP] {
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
            source.setEventHandler { sink.yield(.interrupted) }
            source.resume()
            signals.append(source)
        }
    }

    /// Hands on the lines of standard input until it ends.
    func listen() {
        let sink = sink
        Thread.detachNewThread {
            while let line = readLine() { sink.yield(.typed(line)) }
        }
    }
}
