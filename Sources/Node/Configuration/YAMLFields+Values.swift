import Paxos
import Sharding

/// Fields with a form of their own.
extension YAMLFields {
    mutating func optionalAddress(_ field: String) throws(ConfigurationProblem) -> Address? {
        guard let text = try optionalText(field) else { return nil }
        return try address(text, field)
    }

    mutating func address(_ field: String) throws(ConfigurationProblem) -> Address {
        try address(try text(field), field)
    }

    mutating func choice<Choice: RawRepresentable & CaseIterable>(
        _ field: String, of type: Choice.Type
    ) throws(ConfigurationProblem) -> Choice? where Choice.RawValue == String {
        guard let text = try optionalText(field) else { return nil }
        guard let choice = Choice(rawValue: text) else {
            let choices = Choice.allCases.map(\.rawValue).joined(separator: " or ")
            throw problem(field, "'\(text)' is not known: write \(choices)")
        }
        return choice
    }

    mutating func number(_ field: String, within limits: ClosedRange<Int>) throws(ConfigurationProblem) -> Int? {
        guard let text = try optionalText(field) else { return nil }
        guard let number = Int(text), limits.contains(number) else {
            throw problem(field, "'\(text)' is no whole number from \(limits.lowerBound) to \(limits.upperBound)")
        }
        return number
    }

    /// In bytes, or with a unit: `4096`, `4KiB`, `256MiB`, `1GiB`.
    mutating func size(_ field: String, within limits: ClosedRange<Int>) throws(ConfigurationProblem) -> Int? {
        guard let text = try optionalText(field) else { return nil }
        let units: [(suffix: String, shift: Int)] = [("KiB", 10), ("MiB", 20), ("GiB", 30)]
        let unit = units.first { text.hasSuffix($0.suffix) }
        let digits = text.dropLast(unit?.suffix.count ?? 0)
        guard let count = Int(digits), 0...(1 << 32) ~= count || unit == nil, case let size = count << (unit?.shift ?? 0),
            limits.contains(size)
        else {
            throw problem(
                field, "'\(text)' is no size from \(limits.lowerBound) to \(limits.upperBound) bytes, as in 2048 or 2KiB")
        }
        return size
    }

    mutating func span(_ field: String, within limits: ClosedRange<Span>) throws(ConfigurationProblem) -> Span? {
        guard let text = try optionalText(field) else { return nil }
        guard let span = Span(text: text), limits.contains(span) else {
            let shortest = Int64(limits.lowerBound.milliseconds)
            throw problem(
                field, "'\(text)' is no time from \(shortest)ms to \(Int64(limits.upperBound.milliseconds) / 1000)s, as in 300ms or 5s")
        }
        return span
    }

    private func address(_ text: String, _ field: String) throws(ConfigurationProblem) -> Address {
        do {
            return try Address(text: text)
        } catch {
            throw problem(field, "\(error)")
        }
    }
}

extension Span {
    /// A whole number with a unit: `300ms`, `5s`, `2m`.
    init?(text: String) {
        let units: [(suffix: String, milliseconds: Int64)] = [("ms", 1), ("s", 1000), ("m", 60_000)]
        guard let unit = units.first(where: { text.hasSuffix($0.suffix) }), let count = Int64(text.dropLast(unit.suffix.count)),
            0...1_000_000 ~= count
        else { return nil }
        self = .milliseconds(count * unit.milliseconds)
    }
}
