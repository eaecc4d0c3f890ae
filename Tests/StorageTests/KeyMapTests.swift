import Storage
import Testing

@Suite struct KeyMapTests {
    private func key(_ number: Int) -> [UInt8] { [UInt8]("key\(number)".utf8) }

    @Test func eachKeyHasTheValueThatItWasGivenLast() {
        var map = KeyMap<Int>()
        #expect(map.keys.isEmpty)
        #expect(map[HashedKey(key(1))] == nil)
        for number in 0..<5000 { #expect(map.update(number, for: HashedKey(key(number))) == nil) }
        for number in 0..<5000 where number.isMultiple(of: 3) {
            #expect(map.update(-number, for: HashedKey(key(number))) == number)
        }
        for number in 0..<5000 { #expect(map[HashedKey(key(number))] == (number.isMultiple(of: 3) ? -number : number)) }
        #expect(map[HashedKey(key(5000))] == nil)
        #expect(map.keys == (0..<5000).map(key))
        #expect(map.values.count == 5000)
    }

    @Test func keysOfTheSameHashAreToldApart() {
        var map = KeyMap<Int>()
        for number in 0..<100 { #expect(map.update(number, for: HashedKey(key(number), hash: .max)) == nil) }
        for number in 0..<100 { #expect(map[HashedKey(key(number), hash: .max)] == number) }
        #expect(map[HashedKey(key(100), hash: .max)] == nil)
        #expect(map[HashedKey([], hash: .max)] == nil)
    }
}
