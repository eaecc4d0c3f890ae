import Foundation

/// A `sqlite3` shell with a database open, which does what it is told and stays.
final class Shell {
    private let process = Process()
    private let input = Pipe()
    private let output = Pipe()

    init(_ program: String, _ database: String) throws {
        process.executableURL = URL(fileURLWithPath: program)
        process.arguments = ["-cmd", ".timeout 10000", database]
        process.standardInput = input
        process.standardOutput = output
        try process.run()
    }

    var identifier: pid_t { process.processIdentifier }

    /// One row, as the shell prints it.
    func row(_ statements: String) throws -> String {
        try input.fileHandleForWriting.write(contentsOf: Data((statements + "\n").utf8))
        return String(decoding: output.fileHandleForReading.availableData, as: UTF8.self).trimmingCharacters(in: .newlines)
    }

    /// What it has open ends with it.
    func leave() throws {
        try input.fileHandleForWriting.close()
        process.waitUntilExit()
    }
}
