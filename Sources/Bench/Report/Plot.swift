/// Lines over one axis, as an SVG image that stands within a page.
package struct Plot {
    package struct Series: Sendable {
        package let name: String
        package let points: [(x: Double, y: Double)]
        /// Its place in the page's palette.
        package let color: Int

        package init(_ name: String, _ points: [(x: Double, y: Double)], color: Int) {
            self.name = name
            self.points = points
            self.color = color
        }
    }

    /// Something that happened: a line from top to bottom.
    package struct Mark: Sendable {
        let x: Double
        let text: String

        package init(_ x: Double, _ text: String) {
            self.x = x
            self.text = text
        }
    }

    package enum Unit: Sendable {
        case seconds
        case perSecond
        /// Of microseconds.
        case duration
        case percentile
        case count
        case bytes

        func label(_ value: Double) -> String {
            switch self {
            case .seconds: Text.short(value) + " s"
            case .perSecond:
                value >= 1_000_000
                    ? Text.short(value / 1_000_000) + "M" : value >= 1000 ? Text.short(value / 1000) + "k" : Text.short(value)
            case .duration: Text.shortDuration(value)
            case .percentile: Text.short(value) + " %"
            case .count: Text.short(value)
            case .bytes: Text.bytes(value)
            }
        }
    }

    let title: String
    let series: [Series]
    let marks: [Mark]
    let xAxis: Axis
    let yAxis: Axis

    package init(
        _ title: String, x: Unit, y: Unit, isLogarithmic: Bool = false, xIsLogarithmic: Bool = false, series: [Series], marks: [Mark] = []
    ) {
        self.title = title
        self.series = series
        self.marks = marks
        let xs = series.flatMap { $0.points.map(\.x) }
        let ys = series.flatMap { $0.points.map(\.y) }
        switch x {
        case .percentile: xAxis = Axis(xs, .nines, label: x.label)
        case _ where xIsLogarithmic: xAxis = Axis(xs, .logarithmic, label: x.label)
        default: xAxis = Axis(xs, .linear, label: x.label, floor: xs.min(), ceiling: xs.max())
        }
        yAxis = Axis(ys, isLogarithmic ? .logarithmic : .linear, label: y.label)
    }

    private static let (width, height) = (720.0, 300.0)
    private static let (left, right, top, bottom) = (72.0, 16.0, 14.0, 30.0)

    private func x(_ value: Double) -> Double { Self.left + xAxis.place(value) * (Self.width - Self.left - Self.right) }
    private func y(_ value: Double) -> Double { Self.height - Self.bottom - yAxis.place(value) * (Self.height - Self.top - Self.bottom) }

    package var html: String {
        """
        <figure><figcaption>\(HTML.escaped(title))\(legend)</figcaption>
        <svg viewBox="0 0 \(Int(Self.width)) \(Int(Self.height))" role="img" aria-label="\(HTML.escaped(title))">
        \(grid)\(marksSVG)\(series.map(line).joined())</svg></figure>

        """
    }

    private var legend: String {
        guard series.count > 1 else { return "" }
        return "<span class=legend>" + series.map { "<span class=\"k c\($0.color)\">\(HTML.escaped($0.name))</span>" }.joined() + "</span>"
    }

    private var grid: String {
        var svg = ""
        for tick in yAxis.ticks {
            let place = Self.text(y(tick))
            svg += "<line class=grid x1=\(Self.text(Self.left)) x2=\(Self.text(Self.width - Self.right)) y1=\(place) y2=\(place) />"
            svg += "<text class=tick text-anchor=end dy=.32em x=\(Self.text(Self.left - 8)) y=\(place)>\(yAxis.label(tick))</text>\n"
        }
        for tick in xAxis.ticks {
            svg +=
                "<text class=tick text-anchor=middle x=\(Self.text(x(tick))) y=\(Self.text(Self.height - 10))>\(xAxis.label(tick))</text>\n"
        }
        return svg
    }

    private var marksSVG: String {
        marks.map { mark in
            let place = Self.text(x(mark.x))
            return "<line class=mark x1=\(place) x2=\(place) y1=\(Self.text(Self.top)) y2=\(Self.text(Self.height - Self.bottom)) />"
                + "<text class=marked x=\(place) y=\(Self.text(Self.top)) dx=4 dy=.6em>\(HTML.escaped(mark.text))</text>\n"
        }.joined()
    }

    private func line(_ series: Series) -> String {
        // What is missing (no operation, so no latency) breaks the line.
        var runs: [[(x: Double, y: Double)]] = [[]]
        for point in series.points {
            if point.y.isFinite { runs[runs.count - 1].append(point) } else { runs.append([]) }
        }
        let paths = runs.filter { !$0.isEmpty }.map { run in
            let places = run.map { "\(Self.text(x($0.x))),\(Self.text(y($0.y)))" }
            guard run.count > 1 else {
                return "<circle class=\"dot c\(series.color)\" r=2.5 cx=\(Self.text(x(run[0].x))) cy=\(Self.text(y(run[0].y))) />"
            }
            return "<polyline class=\"line c\(series.color)\" points=\"\(places.joined(separator: " "))\" />"
        }
        let dots =
            series.points.count > 40
            ? []
            : series.points.filter(\.y.isFinite).map { point in
                "<circle class=\"dot c\(series.color)\" r=2.5 cx=\(Self.text(x(point.x))) cy=\(Self.text(y(point.y)))>"
                    + "<title>\(HTML.escaped(series.name)), \(xAxis.label(point.x)): \(yAxis.label(point.y))</title></circle>"
            }
        return (paths + dots).joined(separator: "\n") + "\n"
    }

    private static func text(_ place: Double) -> String { Text.plain(place, digits: 1) }
}
