package import Sharding

/// Why the transport did not start: a matter for whoever wrote the cluster file, or started another process.
package enum TransportError: Error, Hashable, Sendable, CustomStringConvertible {
    case portInUse(Address, networkProtocol: String)
    case cannotBind(Address, networkProtocol: String, reason: String)

    package var description: String {
        switch self {
        case .portInUse(let address, let name): "peer port \(address) is in use by another process (\(name))"
        case .cannotBind(let address, let name, let reason): "peer port \(address) can't be opened (\(name)): \(reason)"
        }
    }
}
