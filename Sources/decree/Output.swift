import Foundation

/// Lines of progress: each is there at once, also where standard output is a pipe.
func printNow(_ line: String) {
    FileHandle.standardOutput.write(Data((line + "\n").utf8))
}
