import Paxos
import Replica
import Simulator

/// A machine: its clock and its disk outlive the process.
final class Machine {
    let node: NodeID
    unowned let world: World
    var disk: Disk
    private(set) var life: Life?
    private var boots: UInt64 = 0
    /// In parts per thousand, within the drift that leases allow for.
    private let clockDrift: Int64
    private let clockOffset: Int64
    /// How far the wall clock is off, in milliseconds.
    var stampSkew: Int64
    var ledgerDelay: ClosedRange<Int64> = 100...2_000
    var tableDelay: ClosedRange<Int64> = 20...600

    init(node: NodeID, world: World) {
        self.node = node
        self.world = world
        disk = Disk(incarnation: Incarnation(rawValue: world.chance.next() | 1))
        clockDrift = Int64(world.chance.below(17)) - 8
        clockOffset = Int64(world.chance.below(1_000_000_000))
        stampSkew = Int64(world.chance.below(4000)) - 2000
    }

    /// On this machine's clock.
    func local(_ instant: Instant) -> Instant {
        Instant(nanoseconds: clockOffset + instant.nanoseconds + instant.nanoseconds / 1000 * clockDrift)
    }

    /// The true time at which this machine's clock will show `local`.
    func global(_ local: Instant) -> Instant {
        if local == .distantFuture { return local }
        return Instant(nanoseconds: (local.nanoseconds - clockOffset) / (1000 + clockDrift) * 1000 + 1000)
    }

    var isUp: Bool { life != nil }

    func start() {
        guard life == nil else { return }
        boots += 1
        let recovered = disk.recover(node: node, boot: Boot(rawValue: boots))
        world.note("\(node) starts boot \(boots), chosen \(recovered.chosenUpTo), table \(disk.table.appliedUpTo)")
        life = Life(machine: self, boot: boots, recovered: recovered)
    }

    /// Ends the process: what was not synced is gone, but for a commit under way, which may have made it.
    func crash() {
        guard let life else { return }
        world.note("\(node) crashes")
        life.end()
        self.life = nil
        world.network.breakConnections(of: node)
        disk.crash(&world.chance)
    }

    /// The ledger and the table are gone.
    func wipe() {
        crash()
        disk = Disk(incarnation: Incarnation(rawValue: world.chance.next() | 1))
    }
}
