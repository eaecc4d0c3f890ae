/// Reads the register histories that Jepsen wrote down for etcd: a line for each call and each answer, with tabs between
/// process, `:invoke`/`:ok`/`:fail`/`:info`, operation and argument. The number of the line is the time.
package struct JepsenHistory {
    package let operations: [KeyModel.Call]

    package enum Failure: Error, Hashable {
        case malformed(line: Int)
        /// A process began a second call, or answered without one.
        case outOfOrder(line: Int)
    }

    package init(parsing text: String) throws(Failure) {
        var open: [Int: KeyModel.Call] = [:]
        var operations: [KeyModel.Call] = []
        for (number, line) in text.split(separator: "\n").enumerated() {
            let fields = line.split(whereSeparator: \.isWhitespace).drop { $0 != "-" }.dropFirst().map(String.init)
            guard fields.count >= 4, let process = Int(fields[0]) else { throw .malformed(line: number + 1) }
            let argument = fields[3...].joined(separator: " ")
            if fields[1] == ":invoke" {
                guard let input = Self.input(fields[2], argument) else { throw .malformed(line: number + 1) }
                guard open[process] == nil else { throw .outOfOrder(line: number + 1) }
                open[process] = KeyModel.Call(process: process, input: input, invoked: UInt64(number), outcome: .unknown)
                continue
            }
            guard var call = open.removeValue(forKey: process) else { throw .outOfOrder(line: number + 1) }
            switch (fields[1], call.input) {
            case (":ok", .get):
                let value = argument == "nil" ? nil : argument
                call.outcome = .returned(.value(value), at: UInt64(number))
            case (":ok", .set):
                call.outcome = .returned(.done, at: UInt64(number))
            // A compare-and-set that failed saw another value: that is an answer.
            case (":ok", .setIfEqual), (":fail", .setIfEqual):
                call.outcome = .returned(.applied(fields[1] == ":ok"), at: UInt64(number))
            // A read that timed out, or a write that was refused: as if it had not been made.
            case (":fail", _):
                continue
            case (":info", _):
                break
            default:
                throw .malformed(line: number + 1)
            }
            operations.append(call)
        }
        // Without an answer: unknown.
        self.operations = operations + open.keys.sorted().compactMap { open[$0] }
    }

    private static func input(_ name: String, _ argument: String) -> KeyCommand? {
        switch name {
        case ":read":
            return .get
        case ":write":
            return .set(argument)
        case ":cas":
            let values = argument.trimmingPrefix("[").split(separator: " ")
            guard values.count == 2, values[1].hasSuffix("]") else { return nil }
            return .setIfEqual(expected: String(values[0]), String(values[1].dropLast()))
        default:
            return nil
        }
    }
}
