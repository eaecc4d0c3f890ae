import Foundation

/// The systems that can be measured beside each other on this machine.
package struct Systems {
    package static let names = ["decree", "etcd", "redis", "redis-wait"]

    /// Those of `names` whose programs are here; the others are named by `say`.
    package static func drivers(
        _ names: [String], program: String, port: Int, say: (String) -> Void
    ) throws(BenchFailure) -> [any SystemDriver] {
        var drivers: [any SystemDriver] = []
        for name in names {
            let driver: any SystemDriver
            switch name {
            case "decree": driver = DecreeDriver(program: program, port: port)
            case "etcd": driver = EtcdDriver(port: port + 100)
            case "redis": driver = RedisDriver(port: port + 200, replicas: 0)
            case "redis-wait": driver = RedisDriver(port: port + 300, replicas: 2)
            default: throw .usage("'\(name)' is no system: one of \(Self.names.joined(separator: ", "))")
            }
            if isInstalled(driver.program) {
                drivers.append(driver)
            } else {
                say("\(driver.name) is left out: \(driver.program) is not installed (Debian: apt-get install redis-server etcd-server)")
            }
        }
        guard !drivers.isEmpty else { throw BenchFailure("none of the systems is installed") }
        return drivers
    }

    private static func isInstalled(_ program: String) -> Bool {
        if program.contains("/") { return access(program, X_OK) == 0 }
        let folders = (ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin").split(separator: ":")
        return folders.contains { access("\($0)/\(program)", X_OK) == 0 }
    }
}
