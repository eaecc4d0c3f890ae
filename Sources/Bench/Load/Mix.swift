/// What share of the operations reads.
package struct Mix: Hashable, Sendable, CustomStringConvertible {
    package let description: String
    /// In percent.
    let reads: Double
    /// What is not a read: a write, or a read and then a write of the same key.
    let modifies: Bool

    package static let set = Mix("set", reads: 0)
    package static let get = Mix("get", reads: 100)

    private static let named = [
        set, get, Mix("ycsb-a", reads: 50), Mix("ycsb-b", reads: 95), Mix("ycsb-c", reads: 100), Mix("ycsb-f", reads: 50, modifies: true),
    ]

    private init(_ name: String, reads: Double, modifies: Bool = false) {
        description = name
        self.reads = reads
        self.modifies = modifies
    }

    package init(_ text: String) throws(BenchFailure) {
        if let mix = Self.named.first(where: { $0.description == text }) {
            self = mix
        } else if let percent = Double(text), (0...100).contains(percent) {
            self.init("\(text) % reads", reads: percent)
        } else {
            let names = Self.named.map(\.description).joined(separator: ", ")
            throw .usage("'\(text)' is no mix: one of \(names), or a percentage of reads")
        }
    }

    func draw(_ chance: inout Chance) -> OperationKind {
        if reads == 100 || (reads > 0 && chance.fraction() * 100 < reads) { return .read }
        return modifies ? .readModifyWrite : .write
    }
}

package enum OperationKind: Int, CaseIterable, Sendable, Codable {
    case write
    case read
    case readModifyWrite

    package var name: String {
        switch self {
        case .write: "write"
        case .read: "read"
        case .readModifyWrite: "read-modify-write"
        }
    }
}
