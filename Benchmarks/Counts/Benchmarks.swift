import Benchmark

/// What the library looks for in a target of benchmarks.
let benchmarks: @Sendable () -> Void = {
    registerCore()
    registerWire()
    registerRequests()
    registerRouting()
    registerLedger()
    registerTable()
}
