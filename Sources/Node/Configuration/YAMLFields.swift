import Sharding
import Yams

/// The fields of one YAML mapping, taken one by one; what is left over at the end is refused.
struct YAMLFields {
    let path: String
    private let source: YAMLSource
    private let pairs: [(name: String, value: Yams.Node)]
    private var known: [String] = []

    init(_ node: Yams.Node, path: String, in source: YAMLSource) throws(ConfigurationProblem) {
        self.path = path
        self.source = source
        guard let mapping = node.mapping else { throw source.problem(at: path, "must have fields, as 'name: value' or { name: value }") }
        var pairs: [(name: String, value: Yams.Node)] = []
        for (key, value) in mapping {
            guard let name = key.scalar?.string else { throw source.problem(at: path, "the name of a field must be a plain word") }
            source.note(Self.join(path, name), line: key.mark?.line ?? value.mark?.line)
            pairs.append((name, value))
        }
        self.pairs = pairs
    }

    /// The last part of the path: what this mapping is called.
    var name: String { String(path[(path.lastIndex(of: ".").map(path.index(after:)) ?? path.startIndex)...]) }

    func problem(_ text: String) -> ConfigurationProblem { source.problem(at: path, text) }

    func problem(_ field: String, _ text: String) -> ConfigurationProblem { source.problem(at: Self.join(path, field), text) }

    mutating func optionalText(_ field: String) throws(ConfigurationProblem) -> String? {
        guard let value = take(field) else { return nil }
        guard let text = value.scalar?.string, !text.isEmpty else { throw problem(field, "must be one plain value") }
        return text
    }

    mutating func text(_ field: String) throws(ConfigurationProblem) -> String {
        guard let text = try optionalText(field) else { throw missing(field) }
        return text
    }

    mutating func optionalMapping(_ field: String) throws(ConfigurationProblem) -> YAMLFields? {
        guard let value = take(field) else { return nil }
        return try YAMLFields(value, path: Self.join(path, field), in: source)
    }

    /// Mappings under names of the user's choice, in the file's order.
    mutating func mappings(_ field: String) throws(ConfigurationProblem) -> [YAMLFields] {
        guard let value = take(field) else { throw missing(field) }
        let outer = try YAMLFields(value, path: Self.join(path, field), in: source)
        var mappings: [YAMLFields] = []
        for (name, value) in outer.pairs {
            guard !name.contains(".") else { throw outer.problem(name, "a name can't have a '.' in it") }
            mappings.append(try YAMLFields(value, path: Self.join(outer.path, name), in: source))
        }
        return mappings
    }

    func refuseOthers() throws(ConfigurationProblem) {
        guard let other = pairs.first(where: { !known.contains($0.name) }) else { return }
        throw problem(other.name, "is not known here: the fields are \(known.joined(separator: ", "))")
    }

    private func missing(_ field: String) -> ConfigurationProblem {
        if let other = pairs.first(where: { !known.contains($0.name) && isNear($0.name, field) }) {
            return problem(other.name, "is not known here: did you mean '\(field)'?")
        }
        return path.isEmpty ? problem("'\(field)' is missing") : problem("has no '\(field)'; add it")
    }

    /// A guess at a typing error: about as long, and made of nearly the same letters.
    private func isNear(_ one: String, _ other: String) -> Bool {
        abs(one.count - other.count) <= 1 && Set(one).symmetricDifference(Set(other)).count <= 2
    }

    private mutating func take(_ field: String) -> Yams.Node? {
        known.append(field)
        return pairs.first { $0.name == field }?.value
    }

    private static func join(_ path: String, _ field: String) -> String { path.isEmpty ? field : "\(path).\(field)" }
}
