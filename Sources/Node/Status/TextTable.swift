/// Rows of cells in columns; a cell may have several lines.
struct TextTable {
    private var rows: [[[String]]] = []

    mutating func append(_ cells: [[String]]) { rows.append(cells) }

    func text() -> String {
        let columnCount = rows.map(\.count).max() ?? 0
        let widths = (0..<columnCount).map { column in
            rows.flatMap { $0.indices.contains(column) ? $0[column] : [] }.map(\.count).max() ?? 0
        }
        var lines: [String] = []
        for row in rows {
            for height in 0..<(row.map(\.count).max() ?? 0) {
                let cells = row.enumerated().map { column, cell in
                    let line = height < cell.count ? cell[height] : ""
                    return line + String(repeating: " ", count: widths[column] - line.count)
                }
                var line = cells.joined(separator: "   ")
                while line.last == " " { line.removeLast() }
                lines.append(line)
            }
        }
        return lines.map { $0 + "\n" }.joined()
    }
}
