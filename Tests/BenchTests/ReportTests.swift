import Bench
import Testing

@Suite("Reports")
struct ReportTests {
    @Test(
        "Numbers as a person reads them",
        arguments: [
            (0.0, "0"), (0.1234, "0.123"), (1.234, "1.23"), (12.34, "12.3"), (123.4, "123"), (1234.5, "1,235"), (1_234_567, "1,234,567"),
        ])
    func numbers(value: Double, text: String) { #expect(Text.number(value) == text) }

    @Test("Times in the unit that fits", arguments: [(85.3, "85.3 µs"), (12_400, "12.4 ms"), (3_010_000, "3.01 s")] as [(Double, String)])
    func times(microseconds: Double, text: String) { #expect(Text.duration(microseconds) == text) }

    @Test("A table shows medians of the rounds, the worst time beside it, and sums of what is counted")
    func medians() {
        let findings = zip(1...3, [0.1, 0.3, 0.2]).map { round, outage in
            Finding(
                scenario: "leader", system: "A", round: round,
                figures: [.init("outage", outage, .seconds), .init("lost", Double(round), .count), .init("share", outage, .ratio)],
                errors: ["BUSY": round])
        }
        let words = report(findings).text.split(separator: "\n").last?.split(separator: " ").joined(separator: " ")
        #expect(words == "A 200 ms (worst 300 ms) 6 0.20 BUSY 6")
    }

    @Test("Systems and variants keep their order, each in its row")
    func rows() {
        let findings = [("10", "A"), ("10", "B"), ("100", "A"), ("100", "B")].map { variant, system in
            Finding(
                scenario: "leader", system: system, variant: variant, variantNumber: Double(variant), round: 1,
                figures: [.init("rate", 5, .perSecond)])
        }
        let lines = report(findings).text.split(separator: "\n").dropFirst(2).map {
            $0.split(separator: " ").prefix(2).joined(separator: " ")
        }
        #expect(lines == ["A 10", "B 10", "A 100", "B 100"])
        #expect(report(findings).html.contains("<polyline"))
    }

    @Test("A page holds nothing that names could smuggle in")
    func escaping() {
        let page = report([Finding(scenario: "leader", system: "<script>", round: 1, figures: [])]).html
        #expect(!page.contains("<script>"))
    }

    @Test("A page needs nothing but itself")
    func selfContained() {
        #expect(!report([Finding(scenario: "leader", system: "A", round: 1, figures: [])]).html.contains("http"))
    }

    private func report(_ findings: [Finding]) -> FindingReport {
        FindingReport(
            title: "t", subtitle: "s", sections: [.init("leader", "Leader", note: "n", variantTitle: hasVariants(findings))],
            findings: findings)
    }

    private func hasVariants(_ findings: [Finding]) -> String { findings.contains { !$0.variant.isEmpty } ? "keys" : "" }
}
