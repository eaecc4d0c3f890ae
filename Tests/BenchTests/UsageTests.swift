import Bench
import Glibc
import Testing

@Suite("What servers have taken")
struct UsageTests {
    @Test("A process that computes has taken a processor's time and memory")
    func ofThisProcess() {
        var sum = 0
        // Until the kernel has counted a tick or two; it always will.
        while Usage([getpid()]).cpu == 0 { sum &+= (0..<100_000).reduce(0, &+) }
        #expect(sum >= 0)
        #expect(Usage([getpid()]).cpu > 0)
        #expect(Usage([getpid()]).peakMemory > 1_000_000)
    }

    @Test("A process that is gone has taken nothing")
    func ofNobody() {
        let usage = Usage([])
        #expect(usage.cpu == 0)
        #expect(usage.written == 0)
    }
}
