/// One load: what is sent, by how many, to whom, how long.
package struct LoadSettings: Sendable {
    package enum Peer: Sendable {
        case redis
        case etcd
    }

    package var peer: Peer = .redis
    /// Clients are spread over them in turn; one whose connection fails goes on with the next.
    package var endpoints: [Endpoint]
    package var clients = 64
    /// Operations of a client that are under way at once.
    package var pipeline = 1
    /// Operations a second, whatever the server does (an open loop); nil: each as soon as the one before is answered.
    package var rate: Double?
    package var keys: KeySpace
    package var valueSize = 256
    package var mix: Mix = .set
    package var isReadOnly = false
    package var waitFor = 0
    /// In seconds; not measured.
    package var warmUp = 1.0
    package var seconds = 10.0
    /// How long an operation may take before it counts as failed, in seconds.
    package var timeout = 10.0
    /// How long each point of the plots stands for, in seconds.
    package var interval = 1.0
    /// Each key is written by one client, with rising numbers, so that a lost write can be told afterwards.
    package var isChecked = false
    /// Each key is written once, in order, instead of what else is set.
    package var isFill = false
    /// What a client waits after an error before it goes on, in seconds.
    package var pause = 0.02
    /// At the end, what is still under way is waited for.
    package var drains = true
    package var seed: UInt64 = 1

    package init(endpoints: [Endpoint], keys: KeySpace) {
        self.endpoints = endpoints
        self.keys = keys
    }

    package func validated() throws(BenchFailure) -> LoadSettings {
        func require(_ condition: Bool, _ text: String) throws(BenchFailure) {
            if !condition { throw .usage(text) }
        }
        try require(!endpoints.isEmpty, "there must be an endpoint")
        try require((1...10_000).contains(clients), "clients: 1 to 10000")
        try require((1...10_000).contains(pipeline), "pipeline: 1 to 10000")
        try require(valueSize >= (isChecked ? 20 : 0) && valueSize <= 512 << 20, "value-size: at most 512 MiB")
        try require(rate.map { $0 > 0 && $0 <= 1e7 } ?? true, "rate: above 0, at most ten million a second")
        try require(seconds > 0 && warmUp >= 0 && timeout > 0, "seconds and timeout: above 0")
        try require(peer == .redis || pipeline == 1, "etcd's gateway takes one request at a time on a connection")
        try require(!isChecked || (pipeline == 1 && keys.count >= clients), "a checked load has one write under way for each client")
        return self
    }

    /// Those that write each key once before something is measured.
    package func filling() -> LoadSettings {
        var settings = self
        settings.isFill = true
        settings.isReadOnly = false
        settings.waitFor = 0
        settings.rate = nil
        // As many under way with each: where there is no pipeline, clients stand for it.
        settings.clients = min(peer == .redis ? 16 : 256, keys.count)
        settings.pipeline = peer == .redis ? 16 : 1
        settings.isChecked = false
        settings.warmUp = 0
        settings.seconds = 86_400
        return settings
    }

    var dialect: Dialect {
        switch peer {
        case .redis: .redis(RedisDialect(isReadOnly: isReadOnly, waitFor: waitFor))
        case .etcd: .etcd(EtcdDialect(endpoints[0].description))
        }
    }
}
