import Yams

/// A YAML file on its way to being a description: remembers on which line each field stands.
final class YAMLSource {
    let file: String
    private var lines: [String: Int] = [:]

    init(file: String) { self.file = file }

    func note(_ path: String, line: Int?) { lines[path] = line }

    /// The problem with the field at `path`, at its own line or at that of the nearest field around it.
    func problem(at path: String, _ text: String) -> ConfigurationProblem {
        var place = Substring(path)
        while lines[String(place)] == nil, let dot = place.lastIndex(of: ".") { place = place[..<dot] }
        return ConfigurationProblem(file: file, line: lines[String(place)], text: path.isEmpty ? text : "\(path): \(text)")
    }

    func root(of text: String) throws(ConfigurationProblem) -> YAMLFields {
        let root: Yams.Node?
        do {
            root = try Yams.compose(yaml: text)
        } catch {
            throw problem(with: error)
        }
        guard let root else {
            throw ConfigurationProblem(file: file, line: nil, text: "is empty; a cluster file has cluster, nodes and shards")
        }
        note("", line: root.mark?.line)
        return try YAMLFields(root, path: "", in: self)
    }

    private func problem(with error: any Error) -> ConfigurationProblem {
        switch error as? YamlError {
        case .scanner(let context, let problem, let mark, _), .parser(let context, let problem, let mark, _),
            .composer(let context, let problem, let mark, _):
            let around = context.map { "\($0.text) in line \($0.mark.line): " } ?? ""
            // `keys: *`: to YAML a star that begins a value is an alias.
            let hint = (around + problem).contains("alias") ? "; write a value that begins with * in quotes" : ""
            return ConfigurationProblem(file: file, line: mark.line, text: "no valid YAML: \(around)\(problem)\(hint)")
        case .duplicatedKeysInMapping(let duplicates, let context):
            return ConfigurationProblem(
                file: file, line: context.mark.line, text: "'\(duplicates[0])' stands twice in one place; keep one of them")
        case .reader(let problem, _, _, _):
            return ConfigurationProblem(file: file, line: nil, text: "no valid YAML: \(problem)")
        case .no, .memory, .writer, .emitter, .representer, .dataCouldNotBeDecoded, nil:
            return ConfigurationProblem(file: file, line: nil, text: "no valid YAML")
        }
    }
}
