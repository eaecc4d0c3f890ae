package import FaultVFS

/// One fault, at one call that one node makes of its disk: with all of them in turn nothing that a disk can do is left to chance.
package struct PlannedFault: Hashable, Sendable {
    package enum Kind: String, CaseIterable, Hashable, Sendable {
        case error
        case full
        case powerLoss = "power-loss"

        var fault: Fault {
            switch self {
            case .error: .error
            case .full: .full
            case .powerLoss: .powerLoss
            }
        }
    }

    /// From 1.
    package let node: Int
    /// Counts the calls of all kinds, from the first that the node's first life makes.
    package let call: Int
    package let kind: Kind

    package init(node: Int, call: Int, kind: Kind) {
        self.node = node
        self.call = call
        self.kind = kind
    }
}

/// A call that a node made of its disk.
package struct DiskCall: Hashable, Sendable {
    package let number: Int
    package let action: Operation.Action
    package let path: String

    init(number: Int, _ operation: Operation) {
        self.number = number
        action = operation.action
        path = operation.path
    }

    /// Whether a loss of power during the call may leave it done by half.
    package var changesDisk: Bool {
        switch action {
        case .write, .truncate, .sync, .syncDirectory, .delete, .makeDirectory: true
        case .open, .read: false
        }
    }
}
