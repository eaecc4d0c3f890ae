import Storage
import Testing

@Suite struct LockTableTests {
    @Test func onlyHoldersOfTheFilesLocksAreNamed() {
        let table = """
            1: POSIX  ADVISORY  READ 4711 08:01:131090 124 124
            2: POSIX  ADVISORY  WRITE 4712 08:01:131090 120 120
            2: -> POSIX  ADVISORY  WRITE 4713 08:01:131090 120 120
            3: FLOCK  ADVISORY  WRITE 4714 08:01:131090 0 EOF
            4: POSIX  ADVISORY  READ 4715 08:01:131091 123 123
            5: POSIX  ADVISORY  READ 4716 08:01:131090 128 128
            6: POSIX  ADVISORY  WRITE 4717 08:01:131090 0 EOF
            7: POSIX  ADVISORY  READ 99 08:01:131090 123 123
            8: OFDLCK ADVISORY  READ -1 08:01:131090 123 123
            9: POSIX  ADVISORY  READ what 08:01:131090 123 123
            """
        let file = FileNumber(device: FileNumber.device(major: 8, minor: 1), number: 131_090)
        #expect(LockTable.holders(of: file, in: table, excluding: 99) == [4711, 4712, 4717])
    }

    /// As for a file in a layered file system.
    @Test func aDeviceThatNoLockHasIsNotLookedFor() {
        let table = "1: POSIX  ADVISORY  READ 4711 00:30:77 123 123\n"
        #expect(LockTable.holders(of: FileNumber(device: 5, number: 77), in: table, excluding: 1) == [4711])
        #expect(LockTable.holders(of: FileNumber(device: 5, number: 78), in: table, excluding: 1) == [])
    }
}
