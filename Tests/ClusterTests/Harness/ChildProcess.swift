import Foundation
import Synchronization

/// A program that was started, its output in files. Waited for, so that no zombie stays.
final class ChildProcess: Sendable {
    let identifier: pid_t
    private let ending: Mutex<Ending?> = Mutex(nil)

    enum Ending: Hashable {
        case exited(Int32)
        case signaled(Int32)
    }

    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    /// Output is appended to the files; without a file for it, standard output goes where standard error goes.
    init(_ arguments: [String], standardError: String, standardOutput: String? = nil) throws {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        let flags = O_WRONLY | O_CREAT | O_APPEND
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_addopen(&actions, 1, standardOutput ?? standardError, flags, 0o644)
        posix_spawn_file_actions_addopen(&actions, 2, standardError, flags, 0o644)
        // Threads of a pool block most signals, and a child would inherit that.
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var noSignals = sigset_t()
        sigemptyset(&noSignals)
        posix_spawnattr_setsigmask(&attributes, &noSignals)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK))
        var identifier: pid_t = 0
        var words: [UnsafeMutablePointer<CChar>?] = arguments.map { strdup($0) } + [nil]
        defer { for word in words { free(word) } }
        let result = posix_spawnp(&identifier, arguments[0], &actions, &attributes, &words, environ)
        guard result == 0 else { throw Failure(description: "\(arguments[0]): \(String(cString: strerror(result)))") }
        self.identifier = identifier
    }

    /// How it ended, or nil while it runs.
    func poll() -> Ending? {
        wait(options: WNOHANG)
    }

    /// Waits for its end, at most so long.
    func wait(seconds: Double) -> Ending? {
        var ending: Ending?
        _ = Deadline(seconds).wait(pollMilliseconds: 5) {
            ending = poll()
            return ending != nil
        }
        return ending
    }

    /// Signals it; nothing happens if it has ended.
    func signal(_ number: Int32) {
        ending.withLock { ending in
            if ending == nil { kill(identifier, number) }
        }
    }

    /// `kill -9`, and waits until it is gone.
    @discardableResult
    func killAndWait() -> Ending? {
        signal(SIGKILL)
        return wait(seconds: 30)
    }

    private func wait(options: Int32) -> Ending? {
        ending.withLock { ending in
            if ending != nil { return ending }
            var status: Int32 = 0
            guard waitpid(identifier, &status, options) == identifier else { return nil }
            ending = status & 0x7F == 0 ? .exited((status >> 8) & 0xFF) : .signaled(status & 0x7F)
            return ending
        }
    }
}

/// Programs that may or may not be installed.
enum Program {
    static func path(of name: String) -> String? {
        let folders: [String] = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":").map(String.init)
        return (folders + ["/usr/sbin", "/sbin"]).map { $0 + "/" + name }.first { FileManager.default.isExecutableFile(atPath: $0) }
    }

    /// Runs it to its end, or kills it at the deadline.
    static func run(_ arguments: [String], seconds: Double = 30) throws -> (ending: ChildProcess.Ending, output: String) {
        let file = FileManager.default.temporaryDirectory.appendingPathComponent("decree-output-\(UUID().uuidString)").path
        defer { unlink(file) }
        let process = try ChildProcess(arguments, standardError: file)
        let ending = process.wait(seconds: seconds) ?? process.killAndWait() ?? .signaled(SIGKILL)
        return (ending, (try? String(contentsOfFile: file, encoding: .utf8)) ?? "")
    }
}
