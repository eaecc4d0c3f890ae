package struct NodeProcess {
    package init(configurationPath: String, nodeName: String, directory: String, stopsWhenInputEnds: Bool) {}
    package func run() async throws(ExitFailure) {}
}
package enum Inspection {
    package static func text(of directory: String) throws(ExitFailure) -> String { "" }
}
