import Foundation

/// One load's result as a table, as JSON, and as a page.
package struct LoadReport {
    private let title: String
    private let settings: LoadSettings
    private let result: LoadResult

    package init(title: String, settings: LoadSettings, result: LoadResult) {
        self.title = title
        self.settings = settings
        self.result = result
    }

    package static func progressLine(_ point: LoadResult.Point) -> String {
        let errors = point.errorsPerSecond > 0 ? "   errors \(Text.number(point.errorsPerSecond))/s" : ""
        let phase = point.at < 0 ? "warming up " : "\(Text.plain(point.at, digits: 1)) s".padding(toLength: 11, withPad: " ", startingAt: 0)
        return "\(phase) \(Text.number(point.perSecond))/s   p50 \(Text.duration(point.p50))   p99 \(Text.duration(point.p99))"
            + "   longest \(Text.duration(point.max))\(errors)"
    }

    // As text

    package var text: String {
        var lines = Text.table(rows)
        if !result.errors.isEmpty { lines += "errors: \(errorText)\n" }
        for note in notes { lines += note + "\n" }
        return lines
    }

    private var rows: [[String]] {
        [["", "count", "per second", "mean", "p50", "p90", "p99", "p99.9", "longest"]]
            + result.operations.map { operation in
                let latency = operation.latency
                let times = [latency.mean, latency.p50, latency.p90, latency.p99, latency.p999, latency.max]
                return [operation.name, Text.number(operation.count), Text.number(operation.perSecond)] + times.map(Text.duration)
            }
    }

    private var errorText: String {
        let sorted = result.errors.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
        return sorted.map { "\($0.key) \(Text.number($0.value))" }.joined(separator: ", ")
    }

    /// What a reader of the figures has to know of them.
    private var notes: [String] {
        var notes: [String] = []
        if result.missing > 0 { notes.append("\(Text.number(result.missing)) reads found no key: fill them first (--fill)") }
        if result.unsent > 0 {
            notes.append("\(Text.number(result.unsent)) operations found no free client until the end: they are in no figure above")
        }
        for gap in result.gaps.prefix(1) where gap.seconds >= 0.1 {
            notes.append("longest time without a success: \(Text.seconds(gap.seconds)), at \(Text.plain(gap.at, digits: 1)) s")
        }
        let generator = result.generator
        notes.append(
            "load generator: \(Text.duration(generator.cpuPerOperation)) of CPU per operation, \(Text.percent(generator.busy)) of one processor"
                + (generator.busy > 0.9 ? ": it may have been the bottleneck" : ""))
        return notes
    }

    // As JSON

    private struct Document: Codable {
        let endpoints: [String]
        let clients: Int
        let pipeline: Int
        let rate: Double?
        let keys: Int
        let keySize: Int
        let valueSize: Int
        let mix: String
        let isReadOnly: Bool
        let waitFor: Int
        let perSecond: Double
        let result: LoadResult
    }

    package var json: String {
        JSON.text(
            Document(
                endpoints: settings.endpoints.map(\.description), clients: settings.clients, pipeline: settings.pipeline,
                rate: settings.rate,
                keys: settings.keys.count, keySize: settings.keys.size, valueSize: settings.valueSize, mix: settings.mix.description,
                isReadOnly: settings.isReadOnly, waitFor: settings.waitFor, perSecond: result.perSecond, result: result))
    }

    // As a page

    package var html: String {
        let slowest = result.operations.map(\.latency.p99).max() ?? 0
        let cards = [
            (Text.number(result.perSecond), "operations per second"),
            (Text.duration(result.operations.map(\.latency.p50).max() ?? 0), "median latency"), (Text.duration(slowest), "99th percentile"),
            (Text.duration(result.operations.map(\.latency.max).max() ?? 0), "longest"), (Text.number(result.errorCount), "errors"),
        ]
        return HTML.page(
            title: title, subtitle: subtitle,
            [
                HTML.section("In short", [HTML.cards(cards), HTML.table(rows)] + (result.errors.isEmpty ? [] : [HTML.table(errorRows)])),
                HTML.section("Over time", [HTML.grid(Self.plotsOverTime(result.timeline))]),
                HTML.section(
                    "Latencies", note: "The share of operations that was answered within a time; each further nine takes as much room.",
                    [HTML.grid([distribution])]),
                HTML.section("Notes", [HTML.list(notes)]),
            ])
    }

    private var errorRows: [[String]] {
        [["error", "count"]] + result.errors.sorted { $0.value > $1.value }.map { [$0.key, Text.number($0.value)] }
    }

    private var subtitle: String {
        let loop = settings.rate.map { "open loop at \(Text.number($0))/s" } ?? "closed loop"
        return "\(settings.endpoints.map(\.description).joined(separator: ", ")): \(loop), \(settings.clients) clients, "
            + "pipeline of \(settings.pipeline), \(settings.mix.description), \(Text.number(settings.keys.count)) keys, "
            + "values of \(settings.valueSize) bytes, \(Text.seconds(result.seconds))"
    }

    package static func plotsOverTime(_ points: [LoadResult.Point], marks: [Plot.Mark] = []) -> [Plot] {
        func latency(_ name: String, _ color: Int, _ value: (LoadResult.Point) -> Double) -> Plot.Series {
            Plot.Series(name, points.map { ($0.at, value($0) > 0 ? value($0) : .nan) }, color: color)
        }
        var rates = [Plot.Series("answered", points.map { ($0.at, $0.perSecond) }, color: 0)]
        if points.contains(where: { $0.errorsPerSecond > 0 }) {
            rates.append(Plot.Series("errors", points.map { ($0.at, $0.errorsPerSecond) }, color: 1))
        }
        return [
            Plot("Operations per second", x: .seconds, y: .perSecond, series: rates, marks: marks),
            Plot(
                "Latency", x: .seconds, y: .duration, isLogarithmic: true,
                series: [latency("p50", 0, \.p50), latency("p99", 2, \.p99), latency("longest", 1, \.max)], marks: marks),
        ]
    }

    private var distribution: Plot {
        Plot(
            "Latency by percentile", x: .percentile, y: .duration, isLogarithmic: true,
            series: result.operations.enumerated().map { color, operation in
                Plot.Series(operation.name, operation.distribution.map { ($0.percent, $0.microseconds) }, color: color)
            })
    }
}

/// Documents that programs read: names in order, so that two runs can be compared line by line.
package enum JSON {
    package static func text(_ value: some Encodable) -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        encoder.nonConformingFloatEncodingStrategy = .convertToString(positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
        return ((try? encoder.encode(value)).map { String(decoding: $0, as: UTF8.self) } ?? "{}") + "\n"
    }
}
