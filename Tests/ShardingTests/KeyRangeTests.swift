import Sharding
import Testing

@Suite struct KeyRangeTests {
    @Test(arguments: [
        ("a*", ["a", "a:1", "az", "a\u{FF}"], ["", "b", "A", "`zz"]),
        ("user:*", ["user:", "user:1"], ["user", "user;", "uses"]),
        ("b..d", ["b", "bzz", "c", "czzz"], ["a", "azz", "d", "d0"]),
        ("..m", ["", "a", "lzz"], ["m", "z"]),
        ("m..", ["m", "zzz", "\u{10FFFF}"], ["", "l", "lzz"]),
        ("*", ["", "a", "\u{10FFFF}"], []),
    ])
    func aRangeHoldsItsKeys(text: String, inside: [String], outside: [String]) throws {
        let range = try KeyRange(text: text)
        for key in inside { #expect(range.contains(Array(key.utf8)), "\(text) holds '\(key)'") }
        for key in outside { #expect(!range.contains(Array(key.utf8)), "\(text) does not hold '\(key)'") }
        #expect(range.text == text)
    }

    @Test func aPrefixThatEndsInTheLargestByteEndsBehindAllItsKeys() throws {
        let range = try KeyRange(text: #"a\xff\xFF*"#)
        #expect(range.lower == [0x61, 0xFF, 0xFF])
        #expect(range.upper == [0x62])
        #expect(range.contains([0x61, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF]))
        #expect(!range.contains([0x61, 0xFF, 0xFE]))
        #expect(!range.contains([0x62]))
    }

    @Test func aPrefixOfLargestBytesOnlyHasNoUpperBound() throws {
        let range = try KeyRange(text: #"\xff*"#)
        #expect(range.upper == nil)
        #expect(range.contains([0xFF, 0xFF, 0xFF]))
        #expect(!range.contains([0xFE, 0xFF]))
        #expect(KeyRange.successor(ofPrefix: []) == nil)
    }

    @Test func bytesWithAMeaningAreWrittenInHexadecimal() throws {
        #expect(try KeyRange(text: #"\x2a*"#).lower == Array("*".utf8))
        #expect(try KeyRange(text: #"a\x2e..b"#).lower == Array("a.".utf8))
        #expect(try KeyRange(text: #"a\x5c*"#).lower == Array(#"a\"#.utf8))
    }

    @Test(arguments: [
        ("", KeyRange.Problem.noRange("")),
        ("a", .noRange("a")),
        ("..", .noRange("..")),
        ("a*b*", .starInside("a*b*")),
        ("a*..b", .starInside("a*..b")),
        ("a...b", .ambiguous("a...b")),
        ("a..b..c", .ambiguous("a..b..c")),
        ("b..a", .empty("b..a")),
        ("a..a", .empty("a..a")),
        (#"\n*"#, .badEscape(#"\n*"#)),
        (#"\x4*"#, .badEscape(#"\x4*"#)),
        (#"\x+1*"#, .badEscape(#"\x+1*"#)),
    ])
    func whatIsNoRangeIsRefused(text: String, problem: KeyRange.Problem) {
        #expect(throws: problem) { try KeyRange(text: text) }
    }

    @Test(arguments: [
        ("a*", "b*", false), ("a*", "ab*", true), ("a*", "*", true), ("a..b", "b..c", false), ("a..b", "a*", true),
        ("a..c", "b..d", true), ("m..", "..m", false), ("m..", "z*", true), (#"\xff*"#, "..z", false), (#"\xff*"#, "z..", true),
    ])
    func rangesOverlapWhereTheyShareAKey(one: String, other: String, overlap: Bool) throws {
        let (one, other) = (try KeyRange(text: one), try KeyRange(text: other))
        #expect(one.overlaps(other) == overlap)
        #expect(other.overlaps(one) == overlap)
    }
}
