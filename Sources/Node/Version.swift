package enum Version {
    /// Of this software; the newest numbered heading of CHANGELOG.md.
    package static let text = "0.1.0"
}
