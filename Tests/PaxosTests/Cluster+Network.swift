import Paxos

/// Messages, faults, clients.
extension Cluster {
    mutating func transmit(_ envelope: Envelope) {
        guard !chance.isTrue(perThousand: faults.lostPerThousand) else { return }
        // The turn's outputs are handed over at once; what a cut link holds is lost when it would arrive.
        deliver(envelope)
        if chance.isTrue(perThousand: faults.doubledPerThousand) { deliver(envelope) }
    }

    private mutating func deliver(_ envelope: Envelope) {
        var delay = chance.number(faults.delay)
        if chance.isTrue(perThousand: faults.straggledPerThousand) { delay += chance.number(0...3000 * Faults.millisecond) }
        queue.push(.deliver(envelope), at: time + delay)
    }

    mutating func injectFault() {
        guard hasFaults else { return }
        schedule(.fault, after: 1...2 * faults.interval)
        let index = Int(chance.next() % UInt64(nodes.count))
        switch chance.number(0...9) {
        case 0...2:
            do { try crash(index) } catch { record("\(error)") }
            schedule(.restart(nodes[index].node), after: 1...1500 * Faults.millisecond)
        case 3...4:
            // A node is cut off, wholly or in one direction.
            let way = chance.number(0...2)
            for other in nodes.indices where other != index {
                if way != 1 { isCut[index * nodes.count + other] = true }
                if way != 2 { isCut[other * nodes.count + index] = true }
            }
            record("\(nodes[index].node) is cut off, way \(way)")
            schedule(.heal, after: 1...2000 * Faults.millisecond)
        case 5:
            // One link is cut.
            let other = Int(chance.next() % UInt64(nodes.count))
            isCut[index * nodes.count + other] = true
            isCut[other * nodes.count + index] = true
            schedule(.heal, after: 1...2000 * Faults.millisecond)
        case 6...7:
            guard nodes[index].group != nil, nodes[index].pausedUntil <= time else { return }
            let end = time + chance.number(1...1500 * Faults.millisecond)
            nodes[index].pausedUntil = end
            record("\(nodes[index].node) is paused until \(end / 1_000_000) ms")
            queue.push(.resume(nodes[index].node), at: end)
        case 8:
            nodes[index].stalledUntil = time + chance.number(1...2500 * Faults.millisecond)
        default: queue.push(.heal, at: time)
        }
    }

    /// Faults stop: everything that is down comes back, every link works.
    mutating func calm() throws {
        hasFaults = false
        faults.stop()
        isCut = isCut.map { _ in false }
        for index in nodes.indices {
            nodes[index].stalledUntil = 0
            nodes[index].pausedUntil = 0
            if nodes[index].group == nil { try start(nodes[index].node) }
            queue.push(.resume(nodes[index].node), at: time)
        }
    }

    mutating func command() throws {
        schedule(.command, after: faults.commandInterval)
        for node in members {
            guard nodes[index(node)].pausedUntil <= time, let group = nodes[index(node)].group, group.proposalRoom > 0 else { continue }
            let count = min(Int(chance.number(1...6)), group.proposalRoom)
            var commands: [[UInt8]] = []
            for _ in 0..<count {
                commandCount += 1
                commands.append(
                    withUnsafeBytes(of: commandCount.littleEndian, Array.init)
                        + Array(repeating: 7, count: Int(chance.number(0...60))))
            }
            // Wall clocks disagree by seconds.
            let stamp = Stamp(rawValue: UInt64(time / Faults.millisecond + Int64(node.rawValue) * 1000 + chance.number(0...50)))
            try feed(.proposed(commands, stamp: stamp), to: node)
        }
    }

    mutating func startRead() throws {
        schedule(.read, after: 1...60 * Faults.millisecond)
        for node in members {
            let index = index(node)
            guard nodes[index].pausedUntil <= time, let group = nodes[index].group, group.isReadable, reads.count < 50 else { continue }
            reads.append(
                PendingRead(
                    node: node, life: nodes[index].lifeCount, ballot: group.promised, startedLocally: nodes[index].local(time),
                    needs: checks.acknowledgedUpTo, startedAt: time))
            try feed(.confirmationWanted, to: node)
        }
        reads.removeAll { $0.startedAt + 2000 * Faults.millisecond < time }
        if chance.isTrue(perThousand: hasFaults ? 2 : 0) { try feed(.handoverWanted, to: chance.pick(members)) }
    }
}
