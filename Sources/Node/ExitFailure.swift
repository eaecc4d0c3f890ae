/// Why a command ends: one line for standard error, and one of the codes of sysexits.h.
package struct ExitFailure: Error, Hashable, Sendable, CustomStringConvertible {
    package let description: String
    package let code: Int32

    /// The command can't be understood.
    package static func usage(_ text: String) -> ExitFailure { ExitFailure(description: text, code: 64) }
    /// The service can't be had: a port or a directory is in use, or nobody answers.
    package static func unavailable(_ text: String) -> ExitFailure { ExitFailure(description: text, code: 69) }
    var isUnavailable: Bool { code == 69 }
    /// The operating system failed us, or what is on disk can't be used.
    package static func inputOutput(_ text: String) -> ExitFailure { ExitFailure(description: text, code: 74) }
    /// What was asked for contradicts itself, or what is there.
    package static func configuration(_ text: String) -> ExitFailure { ExitFailure(description: text, code: 78) }
}
