import Foundation
import Linearizability
import Testing

/// Recorded histories with known verdicts, which lie beside the project and not in it.
private enum KnownHistories {
    static let folder: URL = {
        if let path = ProcessInfo.processInfo.environment["DECREE_SHARED"] {
            return URL(fileURLWithPath: path).appendingPathComponent("histories")
        }
        let package = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        return package.appendingPathComponent("../shared/histories").standardizedFileURL
    }()

    static let verdicts: [(file: String, isLinearizable: Bool)] = {
        let table = (try? String(contentsOf: folder.appendingPathComponent("verdicts.tsv"), encoding: .utf8)) ?? ""
        return table.split(separator: "\n").dropFirst().map { line in
            let columns = line.split(separator: "\t")
            return (String(columns[0]), columns[1] == "yes")
        }
    }()
}

@Suite("The verdicts on Jepsen's etcd histories")
struct JepsenHistoryTests {
    @Test(
        "agree with ours",
        .enabled(if: !KnownHistories.verdicts.isEmpty, "no histories/verdicts.tsv in DECREE_SHARED or ../shared"),
        arguments: KnownHistories.verdicts)
    func agree(file: String, isLinearizable: Bool) throws {
        let text = try String(contentsOf: KnownHistories.folder.appendingPathComponent(file), encoding: .utf8)
        let history = try JepsenHistory(parsing: text)
        let verdict = Checker(KeyModel()).check(history.operations)
        #expect(verdict.isLinearizable == isLinearizable, "\(file): \(verdict)")
        #expect(verdict.isNotLinearizable == !isLinearizable, "\(file): \(verdict)")
    }

    @Test func aHistoryIsReadLineByLine() throws {
        let history = try JepsenHistory(
            parsing: """
                INFO  jepsen.util - 0\t:invoke\t:write\t4
                INFO  jepsen.util - 1\t:invoke\t:cas\t[4 2]
                INFO  jepsen.util - 0\t:ok\t:write\t4
                INFO  jepsen.util - 2\t:invoke\t:read\tnil
                INFO  jepsen.util - 1\t:fail\t:cas\t[4 2]
                INFO  jepsen.util - 2\t:fail\t:read\t:timed-out
                INFO  jepsen.util - 3\t:invoke\t:read\tnil
                INFO  jepsen.util - 4\t:invoke\t:write\t1
                INFO  jepsen.util - 3\t:ok\t:read\tnil
                INFO  jepsen.util - 4\t:info\t:write\t:timed-out
                INFO  jepsen.util - 5\t:invoke\t:write\t3
                """)
        #expect(
            history.operations == [
                .init(process: 0, input: .set("4"), invoked: 0, outcome: .returned(.done, at: 2)),
                .init(process: 1, input: .setIfEqual(expected: "4", "2"), invoked: 1, outcome: .returned(.applied(false), at: 4)),
                .init(process: 3, input: .get, invoked: 6, outcome: .returned(.value(nil), at: 8)),
                .init(process: 4, input: .set("1"), invoked: 7, outcome: .unknown),
                .init(process: 5, input: .set("3"), invoked: 10, outcome: .unknown),
            ])
    }

    @Test(arguments: [
        ("INFO - 0\t:invoke\t:scan\t4", JepsenHistory.Failure.malformed(line: 1)),
        ("INFO - 0\t:invoke\t:read\tnil\nINFO - 0\t:invoke\t:read\tnil", .outOfOrder(line: 2)),
        ("INFO - 0\t:ok\t:read\t3", .outOfOrder(line: 1)),
        ("nonsense", .malformed(line: 1)),
        ("INFO - 0\t:invoke\t:cas\t[1]", .malformed(line: 1)),
    ])
    func aLineThatMakesNoSenseIsNamed(text: String, failure: JepsenHistory.Failure) {
        #expect(throws: failure) { try JepsenHistory(parsing: text) }
    }
}
