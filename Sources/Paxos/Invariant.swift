/// Ends the process when a property that safety rests on does not hold; stays on in release builds.
/// Going on would risk a wrong answer; recovery from what is on disk does not.
@inline(__always)
package func invariant(
    _ holds: @autoclosure () -> Bool, _ property: @autoclosure () -> String, file: StaticString = #fileID, line: UInt = #line
) {
    if !holds() { violated(property(), file: file, line: line) }
}

@inline(never)
private func violated(_ property: String, file: StaticString, line: UInt) -> Never {
    fatalError("invariant violated: \(property)", file: file, line: line)
}
