import Paxos
import Sharding

extension ClusterFile {
    /// Keys and values are held in memory several at a time, and two values (`SET … IFEQ`) must fit into one write.
    private static let keyBytesLimit = 1...65_536
    private static let valueBytesLimit = 1...4_000_000
    private static let timeoutLimit = Span.milliseconds(10)...Span.milliseconds(600_000)

    static func settings(from fields: inout YAMLFields) throws(ConfigurationProblem) -> ClusterSettings {
        var settings = ClusterSettings()
        if let reads = try fields.choice("reads", of: ClusterSettings.Reads.self) { settings.reads = reads }
        if let transport = try fields.choice("transport", of: ClusterSettings.Transport.self) { settings.transport = transport }
        if let timeout = try fields.span("request-timeout", within: timeoutLimit) { settings.requestTimeout = timeout }
        if let staleness = try fields.span("staleness", within: timeoutLimit) { settings.stalenessMax = staleness }
        if var limits = try fields.optionalMapping("limits") {
            if let bytes = try limits.number("key-bytes", within: keyBytesLimit) { settings.keyBytesMax = bytes }
            if let bytes = try limits.number("value-bytes", within: valueBytesLimit) { settings.valueBytesMax = bytes }
            try limits.refuseOthers()
        }
        return settings
    }
}
