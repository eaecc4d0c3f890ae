import Foundation
import Simulator
import Testing

@Suite("Whole clusters over simulated disks")
struct SeedTests {
    private func expectKept(_ options: SimulationOptions) {
        let result = Simulation.run(options)
        guard !result.violations.isEmpty else { return }
        var again = options
        again.keepsTranscript = true
        let transcript = Simulation.run(again).transcript.suffix(60).joined(separator: "\n")
        Issue.record("\(options.replayCommand)\n\(result.violations.joined(separator: "\n"))\n\(transcript)")
    }

    @Test(arguments: Profile.allCases, UInt64(1)...2)
    func everyPromiseIsKept(profile: Profile, seed: UInt64) {
        expectKept(SimulationOptions(seed: seed, profile: profile))
    }
}
