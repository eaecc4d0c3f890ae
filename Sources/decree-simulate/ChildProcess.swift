import Glibc

/// This program in a process of its own, with other arguments: a run that traps ends only that.
struct ChildProcess {
    let lines: [String]
    let hasSucceeded: Bool
    /// What ended it, where it did not exit.
    let signal: Int32?

    /// Both outputs, line by line, as they come.
    static func run(_ arguments: [String], seconds: Double, each: (String) -> Void = { _ in }) -> ChildProcess {
        var pipes: [Int32] = [0, 0]
        guard pipe(&pipes) == 0, fcntl(pipes[0], F_SETFD, FD_CLOEXEC) == 0, let child = spawn(arguments, output: pipes[1]) else {
            return ChildProcess(lines: ["this program can't be started again"], hasSucceeded: false, signal: nil)
        }
        close(pipes[1])
        let lines = read(pipes[0], until: ContinuousClock.now + .seconds(min(seconds, 1e9)), each)
        close(pipes[0])
        // Where it is not over yet, its time is.
        kill(child, SIGKILL)
        var status: Int32 = 0
        while waitpid(child, &status, 0) < 0, errno == EINTR {}
        let signal = status & 0x7F
        return ChildProcess(lines: lines, hasSucceeded: status == 0, signal: signal == 0 ? nil : signal)
    }

    private static func spawn(_ arguments: [String], output: Int32) -> pid_t? {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO)
        posix_spawn_file_actions_adddup2(&actions, output, STDERR_FILENO)
        posix_spawn_file_actions_addclose(&actions, output)
        var words = (["decree-simulate"] + arguments).map { strdup($0) } + [nil]
        defer { for word in words { free(word) } }
        var child: pid_t = 0
        return posix_spawn(&child, "/proc/self/exe", &actions, nil, &words, environ) == 0 ? child : nil
    }

    private static func read(_ file: Int32, until end: ContinuousClock.Instant, _ each: (String) -> Void) -> [String] {
        var lines: [String] = []
        var open: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while true {
            var wait = pollfd(fd: file, events: Int16(POLLIN), revents: 0)
            let left = (end - ContinuousClock.now) / .milliseconds(1)
            guard left > 0 else { break }
            if poll(&wait, 1, Int32(min(left.rounded(.up), 1e6))) <= 0 { continue }
            let count = Glibc.read(file, &buffer, buffer.count)
            guard count > 0 else { break }
            for byte in buffer[..<count] {
                guard byte == UInt8(ascii: "\n") else {
                    open.append(byte)
                    continue
                }
                lines.append(String(decoding: open, as: UTF8.self))
                each(lines[lines.count - 1])
                open = []
            }
        }
        if !open.isEmpty { lines.append(String(decoding: open, as: UTF8.self)) }
        return lines
    }
}
