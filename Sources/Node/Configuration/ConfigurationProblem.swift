/// Why a cluster file can't be used, on one line: where, what, and what to do about it.
package struct ConfigurationProblem: Error, Hashable, Sendable, CustomStringConvertible {
    /// As the user named it.
    package let file: String
    /// From 1; nil where the file as a whole is meant.
    package let line: Int?
    package let text: String

    package init(file: String, line: Int?, text: String) {
        self.file = file
        self.line = line
        self.text = text
    }

    package var description: String {
        line.map { "\(file):\($0): \(text)" } ?? "\(file): \(text)"
    }
}
