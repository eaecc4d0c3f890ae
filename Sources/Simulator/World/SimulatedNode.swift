import FaultVFS
import Paxos
import Replica
import Sharding
import Storage
import Wire

/// A machine: its clock, its disk and what its replicas have ever made durable outlive the process.
final class SimulatedNode {
    let description: NodeDescription
    unowned let simulation: Simulation
    /// Of this machine's own, so that what happens to another one leaves it as it is.
    var chance: Chance
    /// For what checks try on copies: it shifts nothing.
    var checkChance: Chance
    let disk: SimulatedDisk
    let diskFaults: DiskFaults
    let codec: FrameCodec
    private(set) var life: NodeLife?
    /// By the shard's place.
    var acceptors: [AcceptorCheck]
    /// By path.
    private var fileChecks: [String: FileCheck] = [:]
    private var lives: UInt64 = 0
    /// Its files have been opened, all of them.
    private var hasBeenUp = false
    /// By its clock.
    private(set) var lastLifeEndedAt: Instant?
    /// Nil while nothing has been done to its files.
    var damage: Damage?
    let clock: NodeClock
    /// How far the wall clock is off, in milliseconds.
    var stampSkew: Int64
    static let usualLedgerDelay: ClosedRange<Int64> = 100...2_000
    static let usualTableDelay: ClosedRange<Int64> = 20...600
    /// In microseconds.
    var ledgerDelay = usualLedgerDelay
    var tableDelay = usualTableDelay

    init(_ description: NodeDescription, simulation: Simulation) {
        self.description = description
        self.simulation = simulation
        chance = Chance(seed: simulation.options.seed, .node(description.id))
        checkChance = Chance(seed: simulation.options.seed &+ UInt64(description.id.rawValue))
        disk = SimulatedDisk(seed: chance.next())
        diskFaults = DiskFaults(seed: chance.next())
        codec = FrameCodec(cluster: simulation.cluster, node: description.id)
        acceptors = simulation.cluster.shards.map { _ in AcceptorCheck(node: description.id) }
        clock = NodeClock(rate: Self.drawnRate(&chance), offset: Int64(chance.below(1_000_000_000)))
        stampSkew = Int64(chance.below(4000)) - 2000
        disk.watch { [diskFaults] in diskFaults.fault(for: $0) }
    }

    var id: NodeID { description.id }

    /// By all databases.
    var bytesWrittenToLogs: Int { disk.counters.writeAheadLog.bytesWritten }

    func fileCheck(_ path: String) -> FileCheck {
        let check = fileChecks[path] ?? FileCheck(disk, path: path, checkpointFrames: simulation.limits.checkpointFrames)
        fileChecks[path] = check
        return check
    }

    /// Within the bound, and often at its ends, where leases are closest to failing.
    static func drawnRate(_ chance: inout Chance) -> Int64 {
        chance.isTrue(perMille: 700)
            ? chance.pick([-NodeClock.rateMax, NodeClock.rateMax]) : Int64(chance.below(2 * Int(NodeClock.rateMax))) - NodeClock.rateMax
    }

    func setClockRate(_ rate: Int64) {
        clock.setRate(rate, at: simulation.now)
        life?.clockHasChanged()
    }

    /// Whether nothing is expected of it any more.
    var isOut: Bool {
        guard let damage else { return false }
        return damage.isKnown || damage.hasFlippedLedger || damage.lost.contains { !simulation.isReplaced(self, shard: $0) }
    }

    /// Opens the replicas, as a process does that starts; somebody has to see to one that has found damage.
    func start() {
        guard life == nil, damage?.isKnown != true else { return }
        lives += 1
        simulation.statistics.starts += 1
        diskFaults.beginLife()
        do throws(StorageError) {
            let life = try NodeLife(node: self, number: lives)
            simulation.note("\(id) starts: \(life.shards.map { "\($0.recovered)" }.joined(separator: ", "))")
            simulation.mix(lives)
            self.life = life
            hasBeenUp = true
            life.goOnline()
        } catch {
            stoppedByStorage(error)
        }
    }

    /// Ends the process; with `power` also the machine, and what was not synced is kept, dropped or torn.
    func stop(power: Bool) {
        if power || life != nil { simulation.note("\(id) \(power ? "loses power" : "is killed")") }
        life?.end()
        life = nil
        simulation.network.breakConnections(of: id, drained: !power)
        if power {
            disk.crash(using: &chance)
            clock.beginAnew(at: simulation.now)
        } else {
            disk.kill()
        }
        lastLifeEndedAt = clock.local(simulation.now)
    }

    /// A store has failed, or could not be opened: the process ends, and is started again a little later.
    func stoppedByStorage(_ error: StorageError) {
        simulation.note("\(id) ends: \(error)")
        simulation.mix(error.description)
        simulation.endings.append(error.description)
        if damage != nil, error.kind == .damaged || error.kind == .foreign {
            damage?.isKnown = true
            simulation.count("damage found")
            return stop(power: disk.isHalted)
        }
        if damage != nil, error.description.contains("the next start makes the table again") {
            simulation.count("table given up")
        } else if !diskFaults.hasStruck {
            simulation.fail("storage: \(id) fails though its disk does not: \(error)")
        } else if error.kind == .damaged || error.kind == .foreign {
            simulation.fail("storage: \(id) is taken for damaged by a fault that damages nothing: \(error)")
        }
        stop(power: disk.isHalted)
        simulation.after(chance.span(50...1_000, unit: 1_000_000)) { [weak self] in self?.start() }
    }

    /// Storage puts right only what was damaged: a crash leaves nothing to be put right, but for a table that was not made yet.
    func notices(_ text: String) {
        simulation.note("\(id) says: \(text)")
        let repairs = ["made again", "is needed", "is not what was written"]
        guard repairs.contains(where: { text.contains($0) }) else { return }
        simulation.count("storage repairs itself")
        let isNew = !hasBeenUp && text.contains("is missing; it is made again, from the log")
        if damage == nil, !isNew { simulation.fail("storage: \(id) repairs what nothing has damaged: \(text)") }
    }

    func end() {
        life?.end()
        life?.release()
        life = nil
        disk.watch(nil)
    }
}
