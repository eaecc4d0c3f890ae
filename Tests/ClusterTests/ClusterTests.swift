import Testing

extension Tag {
    /// Starts real processes and takes a minute or more.
    @Tag static var long: Self
}

/// Tests over real processes: one after the other, since each loads the whole machine.
@Suite("A cluster of three processes", .serialized)
struct ClusterTests {}
