/// A page that needs nothing but itself.
package enum HTML {
    package static func escaped(_ text: String) -> String {
        text.replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;").replacing("\"", with: "&quot;")
    }

    package static func page(title: String, subtitle: String, _ sections: [String]) -> String {
        """
        <!doctype html><html lang=en><meta charset=utf-8><meta name=viewport content="width=device-width, initial-scale=1">
        <title>\(escaped(title))</title><style>\(style)</style>
        <header><h1>\(escaped(title))</h1><p>\(escaped(subtitle))</p></header>
        <main>
        \(sections.joined(separator: "\n"))
        </main></html>

        """
    }

    package static func section(_ title: String, note: String = "", _ parts: [String]) -> String {
        let text = note.isEmpty ? "" : "<p>\(escaped(note))</p>"
        return "<section><h2>\(escaped(title))</h2>\(text)\n\(parts.joined())</section>"
    }

    /// Plots beside each other where there is room.
    package static func grid(_ plots: [Plot]) -> String { "<div class=plots>\(plots.map(\.html).joined())</div>" }

    /// The few numbers that matter, large.
    package static func cards(_ cards: [(value: String, name: String)]) -> String {
        "<div class=cards>"
            + cards.map { "<div><b>\(escaped($0.value))</b><span>\(escaped($0.name))</span></div>" }.joined() + "</div>\n"
    }

    package static func list(_ items: [String]) -> String {
        "<ul>" + items.map { "<li>\(escaped($0))</li>" }.joined() + "</ul>\n"
    }

    /// The first row is the head.
    package static func table(_ rows: [[String]]) -> String {
        let head = rows.first.map { "<tr>" + $0.map { "<th>\(escaped($0))</th>" }.joined() + "</tr>\n" } ?? ""
        let body = rows.dropFirst().map { "<tr>" + $0.map { "<td>\(escaped($0))</td>" }.joined() + "</tr>\n" }.joined()
        return "<div class=scroll><table><thead>\(head)</thead><tbody>\(body)</tbody></table></div>\n"
    }

    private static let style = """
        :root{--ink:#1d2430;--soft:#667085;--line:#e4e7ec;--paper:#fff;--ground:#f5f6f8;
        --c0:#2563eb;--c1:#dc2626;--c2:#d97706;--c3:#059669;--c4:#7c3aed;--c5:#0891b2;color-scheme:light dark}
        @media(prefers-color-scheme:dark){:root{--ink:#e6e9ef;--soft:#98a2b3;--line:#2b3240;--paper:#171b23;--ground:#0f1218;
        --c0:#60a5fa;--c1:#f87171;--c2:#fbbf24;--c3:#34d399;--c4:#a78bfa;--c5:#22d3ee}}
        *{box-sizing:border-box}body{margin:0;background:var(--ground);color:var(--ink);font:15px/1.5 system-ui,sans-serif}
        header,main{max-width:1240px;margin:0 auto;padding:0 24px}header{padding-top:36px}h1{margin:0;font-size:28px;letter-spacing:-.01em}
        header p{margin:4px 0 0;color:var(--soft)}h2{font-size:18px;margin:0 0 12px}h3{font-size:14px;margin:18px 0 0;color:var(--soft)}section p{color:var(--soft);margin:-6px 0 12px;max-width:80ch}
        section{background:var(--paper);border:1px solid var(--line);border-radius:12px;padding:20px 22px;margin:20px 0}
        .cards{display:grid;grid-template-columns:repeat(auto-fit,minmax(150px,1fr));gap:14px}.cards b{display:block;font-size:24px;letter-spacing:-.02em}
        .cards span{color:var(--soft);font-size:13px}.plots{display:grid;grid-template-columns:repeat(auto-fit,minmax(460px,1fr));gap:18px;margin-top:10px}
        figure{margin:0;max-width:760px}figcaption{font-weight:600;font-size:14px;display:flex;justify-content:space-between;flex-wrap:wrap;gap:4px 16px}
        .legend{font-weight:400;color:var(--soft);display:flex;gap:14px;flex-wrap:wrap}.k::before{content:"";display:inline-block;width:14px;height:3px;
        border-radius:2px;margin-right:6px;vertical-align:middle;background:var(--c)}svg{width:100%;height:auto;display:block}
        .grid{stroke:var(--line)}.tick{fill:var(--soft);font-size:11px;font-variant-numeric:tabular-nums}.mark{stroke:var(--soft);stroke-dasharray:3 3}
        .marked{fill:var(--soft);font-size:11px}.line{fill:none;stroke:var(--c);stroke-width:1.8;stroke-linejoin:round}.dot{fill:var(--c)}
        .c0{--c:var(--c0)}.c1{--c:var(--c1)}.c2{--c:var(--c2)}.c3{--c:var(--c3)}.c4{--c:var(--c4)}.c5{--c:var(--c5)}
        ul{margin:0;padding-left:18px}.scroll{overflow-x:auto}table{border-collapse:collapse;width:100%;font-size:14px;font-variant-numeric:tabular-nums;margin-top:10px}
        th,td{text-align:right;padding:6px 10px;border-bottom:1px solid var(--line);white-space:nowrap}th{color:var(--soft);font-weight:500}
        th:first-child,td:first-child{text-align:left;padding-left:0}tr:last-child td{border-bottom:0}
        """
}
