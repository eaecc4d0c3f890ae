import Benchmark
import Gateway

/// Finding the requests of a pipeline, and their arguments, in what a client has sent.
func registerRequests() {
    let requests = 64
    let bytes = (1...UInt64(requests)).flatMap { bulkStrings([Array("SET".utf8), Sample.key($0), Sample.value]) }
    Benchmark.register("resp-scan-64", [.allocations]) {
        var scanner = RequestScanner(limits: GatewayLimits())
        // Room for a request's arguments is made with a client's first.
        try scan(bytes, with: &scanner, expecting: requests)
        let counts = try Counts.of { try scan(bytes, with: &scanner, expecting: requests) }
        return (counts, requests)
    }
}

private func bulkStrings(_ arguments: [[UInt8]]) -> [UInt8] {
    var bytes = Array("*\(arguments.count)\r\n".utf8)
    for argument in arguments { bytes += Array("$\(argument.count)\r\n".utf8) + argument + Array("\r\n".utf8) }
    return bytes
}

private func scan(_ bytes: [UInt8], with scanner: inout RequestScanner, expecting expected: Int) throws {
    try bytes.withUnsafeBytes { bytes in
        var start = 0
        var found = 0
        while start < bytes.count, case .request = try scanner.scan(UnsafeRawBufferPointer(rebasing: bytes[start...])) {
            start += scanner.position
            scanner.reset()
            found += 1
        }
        precondition(found == expected, "each request is found")
    }
}
