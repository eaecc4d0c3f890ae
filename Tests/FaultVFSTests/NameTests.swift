import FaultVFS
import Testing

@Suite struct NameTests {
    private func found(_ directory: String, in disk: SimulatedDisk) -> [String] {
        (try? DiskProcess(disk).names(in: directory)) ?? []
    }

    @Test func aNameIsDurableOnceItsDirectoryIsSynced() throws {
        var lost = 0
        for seed: UInt64 in 1...50 {
            let disk = SimulatedDisk(seed: seed)
            var random = SplitMix64(seed: seed)
            let process = DiskProcess(disk)
            _ = try process.makeDirectory("/a")
            try process.syncDirectory("/")
            _ = try process.makeDirectory("/a/b")
            try process.syncDirectory("/a")
            _ = try process.makeDirectory("/a/c")
            disk.crash(using: &random)
            #expect(found("/a", in: disk).contains("b"))
            if !found("/a", in: disk).contains("c") { lost += 1 }
        }
        #expect((1..<50).contains(lost))
    }

    @Test func whatIsInALostDirectoryIsLost() throws {
        var lost = 0
        for seed: UInt64 in 1...50 {
            let disk = SimulatedDisk(seed: seed)
            var random = SplitMix64(seed: seed)
            let process = DiskProcess(disk)
            _ = try process.makeDirectory("/a")
            _ = try process.makeDirectory("/a/b")
            try process.syncDirectory("/a")
            disk.crash(using: &random)
            if found("/", in: disk) == [] {
                lost += 1
                #expect(found("/a", in: disk) == [])
            }
        }
        #expect((1..<50).contains(lost))
    }

    @Test func aRenameIsFoundDoneOrNot() throws {
        var names: Set<[String]> = []
        for seed: UInt64 in 1...50 {
            let disk = SimulatedDisk(seed: seed)
            var random = SplitMix64(seed: seed)
            let process = DiskProcess(disk)
            _ = try process.makeDirectory("/a")
            try process.syncDirectory("/")
            try process.rename("/a", to: "/b")
            disk.crash(using: &random)
            names.insert(found("/", in: disk))
        }
        #expect(names == [["a"], ["b"]])
    }

    @Test func aDeadProcessMakesNoNames() throws {
        let disk = SimulatedDisk(seed: 1)
        let process = DiskProcess(disk)
        disk.kill()
        #expect(throws: DiskError.dead) { try process.makeDirectory("/a") }
        #expect(found("/", in: disk) == [])
    }
}
