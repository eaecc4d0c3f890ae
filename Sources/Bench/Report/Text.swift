import Foundation

/// Numbers as a person reads them.
package enum Text {
    /// Three digits that matter, thousands set apart.
    package static func number(_ value: Double) -> String {
        let size = abs(value)
        guard size < 1000 else { return grouped(value) }
        return plain(value, digits: size >= 100 || size == 0 ? 0 : size >= 10 ? 1 : size >= 1 ? 2 : 3)
    }

    package static func number(_ value: Int) -> String { grouped(Double(value)) }

    /// From microseconds: `85.3 µs`, `12.4 ms`, `3.01 s`.
    package static func duration(_ microseconds: Double) -> String {
        if microseconds < 1000 { return number(microseconds) + " µs" }
        if microseconds < 1_000_000 { return number(microseconds / 1000) + " ms" }
        return number(microseconds / 1_000_000) + " s"
    }

    package static func seconds(_ seconds: Double) -> String { duration(seconds * 1_000_000) }

    package static func percent(_ share: Double) -> String { "\(Int((share * 100).rounded())) %" }

    package static func bytes(_ count: Double) -> String {
        let units = ["B", "KiB", "MiB", "GiB", "TiB"]
        var (value, unit) = (count, 0)
        while value >= 1024, unit < units.count - 1 {
            value /= 1024
            unit += 1
        }
        return "\(number(value)) \(units[unit])"
    }

    /// Without zeros that say nothing: for the values beside an axis.
    static func short(_ value: Double) -> String { String(format: "%.6g", value == 0 ? 0 : value) }

    static func shortDuration(_ microseconds: Double) -> String {
        if microseconds < 1000 { return short(microseconds) + " µs" }
        return microseconds < 1_000_000 ? short(microseconds / 1000) + " ms" : short(microseconds / 1_000_000) + " s"
    }

    /// With so many digits behind the point.
    static func plain(_ value: Double, digits: Int) -> String { String(format: "%.\(digits)f", value) }

    private static func grouped(_ value: Double) -> String {
        let digits = String(Int(value.rounded().magnitude))
        var text = ""
        for (place, digit) in digits.enumerated() {
            if place > 0, (digits.count - place).isMultiple(of: 3) { text.append(",") }
            text.append(digit)
        }
        return value < 0 ? "-" + text : text
    }

    /// Columns under their heads: the first to the left, the others to the right.
    package static func table(_ rows: [[String]]) -> String {
        let columns = rows.map(\.count).max() ?? 0
        let widths = (0..<columns).map { column in rows.map { $0.indices.contains(column) ? $0[column].count : 0 }.max() ?? 0 }
        let lines = rows.map { row in
            let cells = row.enumerated().map { column, cell in
                let blanks = String(repeating: " ", count: widths[column] - cell.count)
                return column == 0 ? cell + blanks : blanks + cell
            }
            return String(cells.joined(separator: "   ").reversed().drop { $0 == " " }.reversed())
        }
        return lines.map { $0 + "\n" }.joined()
    }
}
