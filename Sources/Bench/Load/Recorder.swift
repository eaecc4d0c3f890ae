import Histogram

/// Counts what comes back: operations by kind, errors by code, and each interval for itself.
package struct Recorder {
    /// Values are nanoseconds, exact to a thousandth and to 64 ns; longer ones count as this long.
    private static let longest: UInt64 = 300 * Clock.second
    /// Shorter times without a success are not noted.
    private static let gapMin = Clock.second / 50
    private static let gapsMax = 10

    /// The measurement's first moment, and the one behind its last.
    package let start: UInt64
    private(set) var end: UInt64
    private let intervalLength: UInt64

    private var totals = OperationKind.allCases.map { _ in Self.histogram() }
    /// Successes answered between start and end, by kind.
    private var counts = OperationKind.allCases.map { _ in 0 }
    private var interval = Self.histogram()
    private var intervalStart: UInt64
    private var intervalErrors = 0
    private var points: [LoadResult.Point] = []
    private var errors: [String: Int] = [:]
    private var missing = 0
    private var lastSuccess: UInt64
    private var gaps: [LoadResult.Gap] = []
    private(set) var successes = 0
    private(set) var firstSuccess: UInt64?

    package init(now: UInt64, warmUp: Double, seconds: Double, interval: Double) {
        start = now + Clock.nanoseconds(warmUp)
        end = start + Clock.nanoseconds(seconds)
        intervalLength = Clock.nanoseconds(interval)
        intervalStart = now
        lastSuccess = now
    }

    private static func histogram() -> Histogram<UInt32> {
        Histogram(lowestDiscernibleValue: 64, highestTrackableValue: longest, numberOfSignificantValueDigits: .three)
    }

    package mutating func succeed(_ kind: OperationKind, intended: UInt64, at now: UInt64) {
        let latency = min(now > intended ? now - intended : 0, Self.longest)
        interval.record(latency)
        successes += 1
        if firstSuccess == nil { firstSuccess = now }
        if now > lastSuccess + Self.gapMin { note(gapUntil: now) }
        lastSuccess = now
        guard now >= start, intended < end else { return }
        totals[kind.rawValue].record(latency)
        if now <= end { counts[kind.rawValue] += 1 }
    }

    package mutating func fail(_ code: String, at now: UInt64) {
        intervalErrors += 1
        if now >= start { errors[code, default: 0] += 1 }
    }

    mutating func miss(at now: UInt64) {
        if now >= start { missing += 1 }
    }

    private mutating func note(gapUntil now: UInt64) {
        guard now >= start else { return }
        gaps.append(.init(at: seconds(lastSuccess), seconds: Clock.seconds(now - lastSuccess)))
        gaps.sort { $0.seconds > $1.seconds }
        if gaps.count > Self.gapsMax { gaps.removeLast() }
    }

    private func seconds(_ moment: UInt64) -> Double {
        moment >= start ? Clock.seconds(moment - start) : -Clock.seconds(start - moment)
    }

    /// Ends the intervals that are over by now; the last point where there is a new one.
    package mutating func roll(_ now: UInt64) -> LoadResult.Point? {
        guard now >= intervalStart + intervalLength else { return nil }
        while now >= intervalStart + intervalLength { closeInterval() }
        return points.last
    }

    private mutating func closeInterval() {
        let length = Clock.seconds(intervalLength)
        points.append(
            LoadResult.Point(
                at: seconds(intervalStart), perSecond: Double(interval.totalCount) / length,
                errorsPerSecond: Double(intervalErrors) / length, p50: Self.microseconds(interval, 50),
                p99: Self.microseconds(interval, 99), max: interval.totalCount == 0 ? 0 : Double(interval.max) / 1000))
        interval.reset()
        intervalErrors = 0
        intervalStart += intervalLength
    }

    /// The load was ended before its time.
    mutating func cut(_ now: UInt64) { end = min(end, max(now, start)) }

    package func result(unsent: Int, cpu: UInt64, now: UInt64) -> LoadResult {
        var finished = self
        if now > lastSuccess + Self.gapMin { finished.note(gapUntil: now) }
        let seconds = max(Clock.seconds(end - start), 1e-9)
        let operations = OperationKind.allCases.compactMap { kind -> LoadResult.Operation? in
            let histogram = totals[kind.rawValue]
            guard histogram.totalCount > 0 else { return nil }
            return LoadResult.Operation(
                name: kind.name, count: counts[kind.rawValue], perSecond: Double(counts[kind.rawValue]) / seconds,
                latency: Self.latency(histogram), distribution: Self.distribution(histogram))
        }
        let answered = counts.reduce(0, +) + errors.values.reduce(0, +)
        return LoadResult(
            seconds: seconds, operations: operations, errors: errors, missing: missing, unsent: unsent, timeline: points,
            gaps: finished.gaps,
            generator: .init(
                cpuPerOperation: answered == 0 ? 0 : Double(cpu) / 1000 / Double(answered), busy: Clock.seconds(cpu) / seconds))
    }

    private static func microseconds(_ histogram: Histogram<UInt32>, _ percent: Double) -> Double {
        histogram.totalCount == 0 ? 0 : Double(histogram.valueAtPercentile(percent)) / 1000
    }

    private static func latency(_ histogram: Histogram<UInt32>) -> LoadResult.Latency {
        LoadResult.Latency(
            mean: histogram.mean / 1000, p50: microseconds(histogram, 50), p90: microseconds(histogram, 90),
            p99: microseconds(histogram, 99), p999: microseconds(histogram, 99.9), max: Double(histogram.max) / 1000)
    }

    /// Finer towards the slowest, as far as there are operations to tell of.
    private static func distribution(_ histogram: Histogram<UInt32>) -> [LoadResult.Quantile] {
        var quantiles: [LoadResult.Quantile] = []
        var remaining = 100.0
        while remaining > 0.0005, remaining / 100 * Double(histogram.totalCount) >= 1 {
            quantiles.append(.init(percent: 100 - remaining, microseconds: microseconds(histogram, 100 - remaining)))
            remaining *= 0.8
        }
        return quantiles + [.init(percent: 100, microseconds: Double(histogram.max) / 1000)]
    }
}
