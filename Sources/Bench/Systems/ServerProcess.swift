import Glibc

/// A server that we have started: known by its process id, and gone when we are.
final class ServerProcess {
    let id: pid_t

    /// Ends the server when this program ends, however that comes. Part of util-linux.
    private static let guardian = "/usr/bin/setpriv"

    /// What interrupts us; not SIGHUP, which `nohup` has us ignore. A server must not inherit that we ignore one of them.
    static let interruptions = [SIGINT, SIGTERM]

    /// What it says goes to the end of the log.
    init(_ command: [String], log: String) throws(BenchFailure) {
        let words = access(Self.guardian, X_OK) == 0 ? [Self.guardian, "--pdeathsig", "KILL"] + command : command
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_addopen(&actions, 1, log, O_WRONLY | O_CREAT | O_APPEND, 0o644)
        posix_spawn_file_actions_adddup2(&actions, 1, 2)
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        withUnsafeTemporaryAllocation(of: sigset_t.self, capacity: 1) { signals in
            guard let signals = signals.baseAddress else { return }
            sigemptyset(signals)
            for number in Self.interruptions { sigaddset(signals, number) }
            posix_spawnattr_setsigdefault(&attributes, signals)
        }
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGDEF))
        var arguments = words.map { strdup($0) } + [nil]
        defer { for argument in arguments { free(argument) } }
        var id: pid_t = 0
        let code = posix_spawnp(&id, words[0], &actions, &attributes, &arguments, environ)
        guard code == 0 else { throw BenchFailure("can't start \(command[0]): \(String(cString: strerror(code)))") }
        self.id = id
    }

    /// It has ended by itself. It stays a zombie until it is waited for, so its number is nobody else's.
    var hasEnded: Bool {
        var information = siginfo_t()
        return waitid(P_PID, id_t(id), &information, WEXITED | WNOHANG | WNOWAIT) == 0 && information.si_signo == SIGCHLD
    }

    /// Ends it with SIGKILL, and waits until it is gone.
    func kill() {
        Glibc.kill(id, SIGKILL)
        waitpid(id, nil, 0)
    }

    /// Asks it to stop; killed if it has not within the time.
    func stop(seconds: Double = 15) {
        Glibc.kill(id, SIGTERM)
        let deadline = Clock.now() + Clock.nanoseconds(seconds)
        while waitpid(id, nil, WNOHANG) == 0 {
            guard Clock.now() < deadline else { return kill() }
            usleep(2000)
        }
    }
}

/// What servers have taken so far, by the operating system's account.
package struct Usage {
    /// In microseconds.
    package var cpu = 0.0
    /// To block devices.
    package var written = 0.0
    /// The largest resident set of one of them, in bytes.
    package var peakMemory = 0.0

    package init(_ ids: [Int32]) {
        let tick = 1_000_000 / Double(sysconf(Int32(_SC_CLK_TCK)))
        for id in ids {
            // The name in brackets may hold anything; the fields behind it are numbers.
            let fields = Self.read("/proc/\(id)/stat").split(separator: ")").last?.split(separator: " ") ?? []
            if fields.count > 12, let user = Double(fields[11]), let system = Double(fields[12]) { cpu += (user + system) * tick }
            written += Self.field("write_bytes:", in: Self.read("/proc/\(id)/io"))
            peakMemory = max(peakMemory, Self.field("VmHWM:", in: Self.read("/proc/\(id)/status")) * 1024)
        }
    }

    private static func field(_ name: String, in text: String) -> Double {
        let line = text.split(separator: "\n").first { $0.hasPrefix(name) }
        return line?.split(whereSeparator: { $0 == " " || $0 == "\t" }).dropFirst().first.flatMap { Double($0) } ?? 0
    }

    private static func read(_ path: String) -> String {
        guard let file = fopen(path, "r") else { return "" }
        defer { fclose(file) }
        var bytes = [UInt8](repeating: 0, count: 8192)
        let count = fread(&bytes, 1, bytes.count, file)
        return String(decoding: bytes.prefix(count), as: UTF8.self)
    }
}
