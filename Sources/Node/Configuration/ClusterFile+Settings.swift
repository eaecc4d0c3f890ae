import KeyValue
import Paxos
import Sharding

extension ClusterFile {
    /// Keys and values are held in memory several at a time, and two values (`SET … IFEQ`) must fit into one write.
    private static let keyBytesLimit = 1...SessionCommand.keyBytesMax
    private static let valueBytesLimit = 1...4_000_000
    /// A follower that is a handover or two behind must not need a snapshot, and a log must hold more than one message.
    private static let logSlotsLimit = 1_000...100_000_000
    private static let logBytesLimit = (16 << 20)...(1 << 40)
    private static let snapshotsLimit = 1...100
    private static let diskReserveLimit = (1 << 20)...(1 << 40)
    private static let timeoutLimit = Span.milliseconds(10)...Span.milliseconds(600_000)

    static func settings(from fields: inout YAMLFields) throws(ConfigurationProblem) -> ClusterSettings {
        var settings = ClusterSettings()
        if let reads = try fields.choice("reads", of: ClusterSettings.Reads.self) { settings.reads = reads }
        if let transport = try fields.choice("transport", of: ClusterSettings.Transport.self) { settings.transport = transport }
        if let timeout = try fields.span("request-timeout", within: timeoutLimit) { settings.requestTimeout = timeout }
        if let staleness = try fields.span("staleness", within: timeoutLimit) { settings.stalenessMax = staleness }
        if var limits = try fields.optionalMapping("limits") {
            if let bytes = try limits.size("key-bytes", within: keyBytesLimit) { settings.keyBytesMax = bytes }
            if let bytes = try limits.size("value-bytes", within: valueBytesLimit) { settings.valueBytesMax = bytes }
            if let slots = try limits.number("log-slots", within: logSlotsLimit) { settings.logSlots = slots }
            if let bytes = try limits.size("log-bytes", within: logBytesLimit) { settings.logBytesMax = bytes }
            if let count = try limits.number("snapshots", within: snapshotsLimit) { settings.snapshotsMax = count }
            if let bytes = try limits.size("disk-reserve", within: diskReserveLimit) { settings.diskReserveBytes = bytes }
            try limits.refuseOthers()
        }
        return settings
    }
}
