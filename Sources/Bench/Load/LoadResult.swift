/// What a load measured. Times are in microseconds unless the name says otherwise.
package struct LoadResult: Codable, Sendable {
    package struct Latency: Codable, Hashable, Sendable {
        package var mean = 0.0
        package var p50 = 0.0
        package var p90 = 0.0
        package var p99 = 0.0
        package var p999 = 0.0
        package var max = 0.0
    }

    /// A share of the operations, in percent, and the time within which they were answered.
    package struct Quantile: Codable, Hashable, Sendable {
        package let percent: Double
        package let microseconds: Double
    }

    package struct Operation: Codable, Sendable {
        package let name: String
        package let count: Int
        package let perSecond: Double
        package let latency: Latency
        package let distribution: [Quantile]
    }

    /// One interval of the run.
    package struct Point: Codable, Sendable {
        /// Where it begins, in seconds since the measurement began: before 0 while it warmed up.
        package let at: Double
        package let perSecond: Double
        package let errorsPerSecond: Double
        package let p50: Double
        package let p99: Double
        package let max: Double
    }

    /// A time without a success.
    package struct Gap: Codable, Hashable, Sendable {
        /// In seconds since the measurement began.
        package let at: Double
        package let seconds: Double
    }

    /// What the load generator itself took.
    package struct Generator: Codable, Sendable {
        package let cpuPerOperation: Double
        /// The share of one processor.
        package let busy: Double
    }

    package let seconds: Double
    package let operations: [Operation]
    package let errors: [String: Int]
    /// Reads of keys that were not there.
    package let missing: Int
    /// Operations of an open loop for which no client was free until the end.
    package let unsent: Int
    package let timeline: [Point]
    /// The longest first.
    package let gaps: [Gap]
    package let generator: Generator

    package var perSecond: Double { operations.reduce(0) { $0 + $1.perSecond } }
    package var count: Int { operations.reduce(0) { $0 + $1.count } }
    package var errorCount: Int { errors.values.reduce(0, +) }
}

/// A result, when it was measured, and what a checked load knows of its keys.
package struct LoadOutcome: Sendable {
    package let result: LoadResult
    /// When the measurement began, on `Clock`.
    package let began: UInt64
    package let firstSuccess: UInt64?
    /// All successes, those of the warm-up included.
    package let completed: Int
    package let checkedKeys: CheckedKeys?
}
