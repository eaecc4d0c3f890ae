/// Why a measurement can't be made, in one line.
package struct BenchFailure: Error, Hashable, Sendable, CustomStringConvertible {
    package let description: String
    /// What was asked for can't be measured, whatever the servers do.
    package let isUsage: Bool

    package init(_ description: String) { self.init(description, isUsage: false) }

    package static func usage(_ description: String) -> BenchFailure { BenchFailure(description, isUsage: true) }

    private init(_ description: String, isUsage: Bool) {
        self.description = description
        self.isUsage = isUsage
    }
}
