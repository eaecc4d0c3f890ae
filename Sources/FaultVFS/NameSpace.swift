/// A file, whatever its names.
typealias FileID = Int

/// Which names stand for which files: as processes see it, and as it would be found after a loss of power.
///
/// A name that is made, moved or removed is durable only once its directory has been synced; until then each change may be found
/// done or not, by itself.
struct NameSpace {
    enum Change {
        case link(name: String, FileID)
        case unlink(name: String)
        case rename(from: String, to: String, FileID)
    }

    /// Only looked up in, or sorted first: the order of a dictionary is not the same twice.
    private(set) var names: [String: FileID] = [:]
    private var durable: [String: FileID] = [:]
    private var pending: [Change] = []

    /// Every path is absolute; the root always stands.
    static let root = "/"

    static func directory(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/"), slash != path.startIndex else { return root }
        return String(path[..<slash])
    }

    func contains(directory: String) -> Bool { directory == Self.root || names[directory] != nil }

    /// The names in a directory, sorted.
    func names(in directory: String) -> [String] {
        let prefix = directory == Self.root ? Self.root : directory + "/"
        return names.keys.filter { $0.hasPrefix(prefix) && Self.directory(of: $0) == directory }.map { String($0.dropFirst(prefix.count)) }
            .sorted()
    }

    /// Every file that has a name, or may have one after a crash.
    var reachable: Set<FileID> {
        var found = Set(names.values).union(durable.values)
        for change in pending {
            switch change {
            case .link(_, let file), .rename(_, _, let file): found.insert(file)
            case .unlink: break
            }
        }
        return found
    }

    mutating func change(_ change: Change) {
        pending.append(change)
        Self.apply(change, to: &names)
    }

    mutating func sync(directory: String) {
        var later: [Change] = []
        for change in pending {
            if Self.concerns(change, directory) { Self.apply(change, to: &durable) } else { later.append(change) }
        }
        pending = later
    }

    mutating func crash(using random: inout some RandomNumberGenerator) {
        let keptPercent = Int.random(in: 0...4, using: &random) * 25
        for change in pending where Int.random(in: 0..<100, using: &random) < keptPercent { Self.apply(change, to: &durable) }
        pending = []
        // What is in a lost directory is lost with it; a directory sorts before what is in it.
        var found: [String: FileID] = [:]
        for (name, file) in durable.sorted(by: { $0.key < $1.key }) {
            let directory = Self.directory(of: name)
            if directory == Self.root || found[directory] != nil { found[name] = file }
        }
        durable = found
        names = found
    }

    private static func concerns(_ change: Change, _ directory: String) -> Bool {
        switch change {
        case .link(let name, _), .unlink(let name): Self.directory(of: name) == directory
        case .rename(let from, let to, _): Self.directory(of: from) == directory || Self.directory(of: to) == directory
        }
    }

    private static func apply(_ change: Change, to names: inout [String: FileID]) {
        switch change {
        case .link(let name, let file): names[name] = file
        case .unlink(let name): names[name] = nil
        case .rename(let from, let to, let file):
            if names[from] == file { names[from] = nil }
            names[to] = file
        }
    }
}
