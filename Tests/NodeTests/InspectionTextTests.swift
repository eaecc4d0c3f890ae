import Foundation
import Node
import Testing

@Suite struct InspectionTextTests {
    @Test func aReplicaThatCannotBeReadKeepsNoOtherFromBeingShown() throws {
        let directory = NSTemporaryDirectory() + "decree-inspection-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: directory) }
        for shard in ["shard1", "shard2"] {
            try FileManager.default.createDirectory(atPath: "\(directory)/\(shard)", withIntermediateDirectories: true)
            let ledger = URL(fileURLWithPath: "\(directory)/\(shard)/ledger.sqlite")
            try Data("no database, and long enough to be looked at".utf8).write(to: ledger)
        }
        let complaints = try Inspection.texts(of: directory).map { text in
            if case .failure(let failure) = text { failure.description } else { "none" }
        }
        #expect(complaints.count == 2)
        for (complaint, shard) in zip(complaints, ["shard1", "shard2"]) { #expect(complaint.contains("\(shard)/ledger.sqlite")) }
    }
}
