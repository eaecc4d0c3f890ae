/// Findings about several systems in several rounds: medians as tables, as JSON, and as a page with plots.
package struct FindingReport {
    package struct Section: Sendable {
        /// The scenario whose findings stand here.
        package let scenario: String
        package let title: String
        /// What was done.
        package let note: String
        package let variantTitle: String

        package init(_ scenario: String, _ title: String, note: String, variantTitle: String = "") {
            self.scenario = scenario
            self.title = title
            self.note = note
            self.variantTitle = variantTitle
        }
    }

    private let title: String
    private let subtitle: String
    private let sections: [Section]
    private let findings: [Finding]

    package init(title: String, subtitle: String, sections: [Section], findings: [Finding]) {
        self.title = title
        self.subtitle = subtitle
        self.sections = sections.filter { section in findings.contains { $0.scenario == section.scenario } }
        self.findings = findings
    }

    package var text: String {
        sections.map { "\($0.title)\n" + Text.table(rows($0)) }.joined(separator: "\n")
    }

    private struct Document: Encodable {
        let title: String
        let subtitle: String
        let findings: [Finding]
    }

    package var json: String { JSON.text(Document(title: title, subtitle: subtitle, findings: findings)) }

    package var html: String {
        HTML.page(
            title: title, subtitle: subtitle,
            sections.map { section in
                HTML.section(section.title, note: section.note, [HTML.table(rows(section))] + plots(section))
            })
    }

    // Tables

    /// The same system under the same circumstances, in all rounds.
    private struct Row {
        let system: String
        let variant: String
        let findings: [Finding]
    }

    private func grouped(_ section: Section) -> [Row] {
        var order: [[String]] = []
        for finding in findings where finding.scenario == section.scenario {
            let name = [finding.variant, finding.system]
            if !order.contains(name) { order.append(name) }
        }
        return order.map { name in
            let found = findings.filter { $0.scenario == section.scenario && [$0.variant, $0.system] == name }
            return Row(system: name[1], variant: name[0], findings: found)
        }
    }

    private func rows(_ section: Section) -> [[String]] {
        let rows = grouped(section)
        var columns: [String] = []
        for figure in rows.flatMap({ $0.findings.flatMap(\.figures) }) where !columns.contains(figure.name) { columns.append(figure.name) }
        let hasVariants = !section.variantTitle.isEmpty
        let hasErrors = rows.contains { !$0.findings.allSatisfy(\.errors.isEmpty) }
        let head = [""] + (hasVariants ? [section.variantTitle] : []) + columns + (hasErrors ? ["errors"] : [])
        return [head]
            + rows.map { row in
                [row.system] + (hasVariants ? [row.variant] : []) + columns.map { cell($0, row) } + (hasErrors ? [errors(row)] : [])
            }
    }

    /// The median, and the worst of all rounds where that is something else and times are told. Counts are sums: of what is lost no median tells.
    private func cell(_ column: String, _ row: Row) -> String {
        let figures = row.findings.compactMap { $0.figures.first { $0.name == column } }
        guard let unit = figures.first?.unit else { return "" }
        let values = figures.map(\.value)
        if unit == .count { return unit.text(values.reduce(0, +)) }
        let median = unit.text(values.median)
        guard unit == .seconds, values.count > 1, let worst = values.max() else { return median }
        return "\(median) (worst \(unit.text(worst)))"
    }

    private func errors(_ row: Row) -> String {
        var sums: [String: Int] = [:]
        for finding in row.findings { sums.merge(finding.errors, uniquingKeysWith: +) }
        return sums.sorted { $0.value > $1.value }.map { "\($0.key) \(Text.number($0.value))" }.joined(separator: ", ")
    }

    // Plots

    private func plots(_ section: Section) -> [String] {
        let rows = grouped(section)
        let overVariants = plotsOverVariants(rows)
        let overTime = rows.compactMap { row in row.findings.last.map { (row, $0) } }.filter { !$0.1.timeline.isEmpty }
        let timelines = overTime.map { row, finding in
            let marks = finding.marks.map { Plot.Mark($0.at, $0.text) }
            let name = row.variant.isEmpty ? row.system : "\(row.system), \(row.variant)"
            return "<h3>\(HTML.escaped(name))</h3>" + HTML.grid(LoadReport.plotsOverTime(finding.timeline, marks: marks))
        }
        return (overVariants.isEmpty ? [] : [HTML.grid(overVariants)]) + timelines
    }

    /// A plot for each figure, a line for each system.
    private func plotsOverVariants(_ rows: [Row]) -> [Plot] {
        let numbers = Set(rows.compactMap { $0.findings.first?.variantNumber })
        guard numbers.count > 1 else { return [] }
        var systems: [String] = []
        for row in rows where !systems.contains(row.system) { systems.append(row.system) }
        var figures: [Finding.Figure] = []
        for figure in rows.flatMap({ $0.findings[0].figures }) where !figures.contains(where: { $0.name == figure.name }) {
            figures.append(figure)
        }
        return figures.filter { $0.unit != .count }.map { figure in
            let series = systems.enumerated().map { color, system in
                let points = rows.filter { $0.system == system }.compactMap { row -> (x: Double, y: Double)? in
                    let values = row.findings.compactMap { $0.figures.first { $0.name == figure.name }?.value }
                    guard let number = row.findings.first?.variantNumber, !values.isEmpty else { return nil }
                    return (number, values.median)
                }
                return Plot.Series(system, points.sorted { $0.x < $1.x }, color: color)
            }
            return Plot(
                figure.name, x: .count, y: figure.unit.axis, isLogarithmic: figure.unit == .microseconds, xIsLogarithmic: true,
                series: series)
        }
    }
}
