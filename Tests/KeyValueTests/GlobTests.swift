import KeyValue
import Testing

@Suite struct GlobTests {
    @Test(arguments: [
        ("", "", true), ("", "a", false), ("a", "", false), ("abc", "abc", true), ("abc", "abd", false), ("abc", "ab", false),
        ("*", "", true), ("*", "anything", true), ("**", "", true), ("a*", "a", true), ("a*", "abc", true), ("a*", "ba", false),
        ("*c", "abc", true), ("*c", "ab", false), ("a*c", "ac", true), ("a*c", "abbbc", true), ("a*c", "abcd", false),
        ("*ab*ab*", "abab", true), ("*ab*ab*", "aab", false), ("h?llo", "hello", true), ("h?llo", "hllo", false), ("?", "", false),
        ("?*?", "a", false), ("?*?", "ab", true),
        ("h[ae]llo", "hallo", true), ("h[ae]llo", "hillo", false), ("h[^e]llo", "hallo", true), ("h[^e]llo", "hello", false),
        ("[a-c]", "b", true), ("[a-c]", "d", false), ("[c-a]", "b", true), ("[^a-c]", "b", false), ("[^a-c]", "d", true),
        ("[a-]", "-", false), ("[a-]x", "a", true), ("[a-]x", "ax", false), ("[-a]", "-", true), ("[]", "a", false), ("[]a]", "a", false),
        ("[^]", "a", true),
        ("[abc", "b", true), ("[abc", "d", false), ("[", "[", false), ("[a\\]b]", "]", true), ("[a\\-c]", "b", false),
        ("[a\\-c]", "-", true),
        ("[a", "", false), ("\\*", "*", true), ("\\*", "a", false), ("\\\\", "\\", true), ("a\\", "a\\", true), ("\\a", "a", true),
        ("[\\", "\\", true), ("*[0-9]", "key7", true), ("*[0-9]", "key", false), ("user:*:name", "user:1:2:name", true),
        ("*a*b", "ab a", false),
    ])
    func aPatternMatchesAsRedisDoes(pattern: String, key: String, isMatch: Bool) {
        #expect(Glob(bytes(pattern)).matches(bytes(key)) == isMatch)
    }

    @Test func bytesOutsideOfTextMatchToo() {
        #expect(Glob([0xFF, 0x2A, 0x00]).matches([0xFF, 0x80, 0x81, 0x00]))
        #expect(Glob([0x5B, 0x80, 0x2D, 0xFF, 0x5D]).matches([0xC3]))
        #expect(!Glob([0x5B, 0x80, 0x2D, 0xFF, 0x5D]).matches([0x7F]))
    }

    /// Backtracking over every star would take longer than anybody waits.
    @Test func aPathologicalPatternTakesNoLongTime() {
        let stars = (0..<200).flatMap { _ in bytes("a*") } + bytes("b")
        let key = [UInt8](repeating: UInt8(ascii: "a"), count: 4_000)
        #expect(!Glob(stars).matches(key))
        #expect(Glob(stars).matches(key + bytes("b")))
        let questions = (0..<200).flatMap { _ in bytes("*?") } + bytes("*[^a]")
        #expect(!Glob(questions).matches(key))
    }

    /// Against the definition, written down as recursion.
    @Test(arguments: [11, 12] as [UInt64]) func aPatternMatchesAsDefined(seed: UInt64) {
        func defined(_ pattern: ArraySlice<UInt8>, _ key: ArraySlice<UInt8>) -> Bool {
            guard let first = pattern.first else { return key.isEmpty }
            if first == UInt8(ascii: "*") {
                return defined(pattern.dropFirst(), key) || (!key.isEmpty && defined(pattern, key.dropFirst()))
            }
            guard let byte = key.first, first == UInt8(ascii: "?") || first == byte else { return false }
            return defined(pattern.dropFirst(), key.dropFirst())
        }
        var random = SeededGenerator(seed: seed)
        for _ in 0..<20_000 {
            let pattern = (0..<Int.random(in: 0...7, using: &random)).map { _ in bytes("ab*?*")[Int.random(in: 0..<5, using: &random)] }
            let key = (0..<Int.random(in: 0...8, using: &random)).map { _ in bytes("ab")[Int.random(in: 0..<2, using: &random)] }
            #expect(Glob(pattern).matches(key) == defined(pattern[...], key[...]), "seed \(seed): \(pattern) on \(key)")
        }
    }
}
