/// Gives equal values one number, in the order in which they first come: states made of such numbers are compared exactly, and
/// nothing depends on the order of hashes.
struct Interner<Element: Hashable> {
    private(set) var elements: [Element] = []
    private var table: [Int32]

    init() { table = Array(repeating: -1, count: 64) }

    var count: Int { elements.count }

    subscript(number: Int) -> Element { elements[number] }

    /// The element's number, and whether it is new.
    mutating func number(of element: Element) -> (number: Int, isNew: Bool) {
        var place = element.hashValue & (table.count - 1)
        while table[place] >= 0 {
            if elements[Int(table[place])] == element { return (Int(table[place]), false) }
            place = (place + 1) & (table.count - 1)
        }
        table[place] = Int32(elements.count)
        elements.append(element)
        if elements.count * 2 > table.count { grow() }
        return (elements.count - 1, true)
    }

    private mutating func grow() {
        table = Array(repeating: -1, count: table.count * 2)
        for (number, element) in elements.enumerated() {
            var place = element.hashValue & (table.count - 1)
            while table[place] >= 0 { place = (place + 1) & (table.count - 1) }
            table[place] = Int32(number)
        }
    }
}
