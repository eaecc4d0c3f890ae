/// Why a measurement can't be made, in one line.
package struct BenchFailure: Error, Hashable, Sendable, CustomStringConvertible {
    package let description: String

    package init(_ description: String) { self.description = description }
}
