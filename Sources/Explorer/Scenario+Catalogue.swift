/// The scenarios by name. Names are kept: they stand in documents and in the tables of what finds which bug.
extension Scenario {
    package static let all = [twoLeaders]

    package static func named(_ name: String) -> Scenario? { all.first { $0.name == name } }

    static let twoLeaders = Scenario(
        name: "two-leaders", summary: "n1 and n2 stand once each; a command from each")
}
