/// What one round of one scenario found about one system.
package struct Finding: Codable, Sendable {
    package enum Unit: String, Codable, Sendable {
        case seconds
        case microseconds
        case perSecond
        case count
        case bytes
        case ratio

        func text(_ value: Double) -> String {
            switch self {
            case .seconds: Text.seconds(value)
            case .microseconds: Text.duration(value)
            case .perSecond: Text.number(value) + "/s"
            case .count: Text.number(Int(value.rounded()))
            case .bytes: Text.bytes(value)
            case .ratio: Text.plain(value, digits: 2)
            }
        }

        var axis: Plot.Unit {
            switch self {
            case .seconds: .seconds
            case .microseconds: .duration
            case .perSecond: .perSecond
            case .count, .ratio: .count
            case .bytes: .bytes
            }
        }
    }

    package struct Figure: Codable, Sendable {
        package let name: String
        package let value: Double
        package let unit: Unit

        package init(_ name: String, _ value: Double, _ unit: Unit) {
            self.name = name
            self.value = value
            self.unit = unit
        }
    }

    package struct Mark: Codable, Sendable {
        package let at: Double
        package let text: String
    }

    package let scenario: String
    package let system: String
    /// What was varied, as it stands in tables; and as a number, where there is one to plot over.
    package let variant: String
    package let variantNumber: Double?
    package let round: Int
    package let figures: [Figure]
    package let errors: [String: Int]
    package let timeline: [LoadResult.Point]
    package let marks: [Mark]

    package init(
        scenario: String, system: String, variant: String = "", variantNumber: Double? = nil, round: Int, figures: [Figure],
        errors: [String: Int] = [:], timeline: [LoadResult.Point] = [], marks: [Mark] = []
    ) {
        self.scenario = scenario
        self.system = system
        self.variant = variant
        self.variantNumber = variantNumber
        self.round = round
        self.figures = figures
        self.errors = errors
        self.timeline = timeline
        self.marks = marks
    }
}

extension [Double] {
    package var median: Double {
        guard !isEmpty else { return .nan }
        let sorted = sorted()
        return (sorted[(count - 1) / 2] + sorted[count / 2]) / 2
    }
}
