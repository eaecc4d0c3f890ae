import Foundation

/// The `decree` that was built together with these tests.
enum DecreeExecutable {
    static let path: String = {
        if let path = ProcessInfo.processInfo.environment["DECREE_EXECUTABLE"] { return path }
        let beside = URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent().appendingPathComponent("decree").path
        if access(beside, X_OK) == 0 { return beside }
        let package = URL(fileURLWithPath: #filePath).pathComponents.dropLast(4)
        return NSString.path(withComponents: package + [".build", "debug", "decree"])
    }()
}
