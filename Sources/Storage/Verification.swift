/// One thing that an offline verification found, in one line.
package struct Finding: Hashable, Sendable, CustomStringConvertible {
    /// Ascending.
    package enum Severity: Int, Hashable, Sendable, Comparable {
        /// As it should be.
        case sound
        /// Not as it should be; the node puts it right by itself.
        case repairable
        /// The replica must not vote, or can't be opened.
        case damaged

        package static func < (left: Severity, right: Severity) -> Bool { left.rawValue < right.rawValue }
    }

    package let severity: Severity
    /// The file that it is about.
    package let path: String
    package let line: String

    package init(_ severity: Severity, _ path: String, _ line: String) {
        self.severity = severity
        self.path = path
        self.line = line
    }

    package var description: String { "\(path): \(line)" }
}
