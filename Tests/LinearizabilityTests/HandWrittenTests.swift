import Linearizability
import Testing

typealias Call = KeyModel.Call

/// `call(1, 0, 10, .get, .value("x"))`: process, from, to, what, answer; without an answer the outcome is unknown.
func call(_ process: Int, _ invoked: UInt64, _ returned: UInt64, _ input: KeyCommand, _ output: KeyResult) -> Call {
    Call(process: process, input: input, invoked: invoked, outcome: .returned(output, at: returned))
}

func call(_ process: Int, _ invoked: UInt64, _ input: KeyCommand) -> Call {
    Call(process: process, input: input, invoked: invoked, outcome: .unknown)
}

@Suite("Small histories, judged by hand")
struct HandWrittenTests {
    private func expect(_ calls: [Call], linearizable: Bool, _ location: SourceLocation = #_sourceLocation) {
        let verdict = Checker(KeyModel()).check(calls)
        #expect(verdict.isLinearizable == linearizable, "\(verdict)", sourceLocation: location)
        #expect(verdict.isNotLinearizable == !linearizable, "\(verdict)", sourceLocation: location)
    }

    @Test func nothingAtAllIsLinearizable() {
        expect([], linearizable: true)
        expect([call(1, 0, .set("x"))], linearizable: true)
    }

    @Test func aReadSeesTheLastWrite() {
        expect([call(1, 0, 1, .set("x"), .done), call(2, 2, 3, .get, .value("x"))], linearizable: true)
        expect([call(1, 0, 1, .set("x"), .done), call(2, 2, 3, .get, .value(nil))], linearizable: false)
    }

    @Test func aReadDuringAWriteSeesEither() {
        for value in [nil, "x"] {
            expect([call(1, 0, 9, .set("x"), .done), call(2, 2, 3, .get, .value(value))], linearizable: true)
        }
    }

    @Test func twoReadsDuringAWriteDoNotGoBack() {
        let write = call(1, 0, 9, .set("x"), .done)
        expect([write, call(2, 1, 2, .get, .value(nil)), call(3, 3, 4, .get, .value("x"))], linearizable: true)
        expect([write, call(2, 1, 2, .get, .value("x")), call(3, 3, 4, .get, .value(nil))], linearizable: false)
    }

    @Test func callsThatTouchAreConcurrent() {
        expect([call(1, 0, 5, .set("x"), .done), call(2, 5, 6, .get, .value(nil))], linearizable: true)
    }

    @Test func anUnknownWriteMayTakeEffectAtAnyLaterTimeOrNever() {
        let unknown = call(1, 5, .set("x"))
        expect([unknown, call(2, 6, 7, .get, .value(nil))], linearizable: true)
        expect([unknown, call(2, 6, 7, .get, .value(nil)), call(2, 8, 9, .get, .value("x"))], linearizable: true)
        expect([unknown, call(2, 6, 7, .get, .value("x")), call(2, 8, 9, .get, .value(nil))], linearizable: false)
        expect([unknown, call(2, 0, 4, .get, .value("x"))], linearizable: false)
    }

    @Test func anUnknownWriteTakesEffectOnce() {
        let before = [
            call(1, 0, .set("x")), call(2, 1, 2, .get, .value("x")), call(2, 3, 4, .set("y"), .done), call(2, 5, 6, .get, .value("y")),
        ]
        expect(before, linearizable: true)
        expect(before + [call(2, 7, 8, .get, .value("x"))], linearizable: false)
        expect(before + [call(3, 1, .set("x")), call(2, 7, 8, .get, .value("x"))], linearizable: true)
    }

    @Test func anUnknownWriteCanExplainAConditionThatFailed() {
        let calls = [call(1, 0, 1, .set("x"), .done), call(3, 4, 5, .setIfEqual(expected: "x", "y"), .applied(false))]
        expect(calls, linearizable: false)
        expect(calls + [call(2, 2, .set("z"))], linearizable: true)
        // A write that returns later can be the one that made it fail, although its value is never read.
        expect(calls + [call(2, 2, 9, .set("z"), .done), call(4, 3, 8, .set("x"), .done)], linearizable: true)
    }

    @Test func aCompareAndSetIsWonOnce() {
        let calls = [
            call(1, 0, 1, .set("x"), .done), call(2, 2, 9, .setIfEqual(expected: "x", "y"), .applied(true)),
        ]
        expect(calls + [call(3, 3, 8, .setIfEqual(expected: "x", "z"), .applied(false))], linearizable: true)
        expect(calls + [call(3, 3, 8, .setIfEqual(expected: "x", "z"), .applied(true))], linearizable: false)
    }

    @Test func anAbsentKeyIsTakenOnce() {
        let taken = call(1, 0, 9, .setIfAbsent("x"), .applied(true))
        expect([taken, call(2, 1, 8, .setIfAbsent("y"), .applied(false))], linearizable: true)
        expect([taken, call(2, 1, 8, .setIfAbsent("y"), .applied(true))], linearizable: false)
        expect(
            [taken, call(2, 1, 8, .setIfAbsent("y"), .applied(true)), call(3, 2, 7, .delete, .applied(true))], linearizable: true)
    }

    @Test func anIncrementCountsOnce() {
        let unknown = call(1, 0, .increment(by: 1))
        expect([unknown, call(2, 1, 2, .increment(by: 1), .integer(2))], linearizable: true)
        expect([unknown, call(2, 1, 2, .increment(by: 1), .integer(1)), call(2, 3, 4, .get, .value("2"))], linearizable: true)
        expect([unknown, call(2, 1, 2, .increment(by: 1), .integer(3))], linearizable: false)
        expect([unknown, call(2, 1, 2, .increment(by: 1), .integer(2)), call(2, 3, 4, .get, .value("3"))], linearizable: false)
    }

    @Test func appendsKeepTheirOrder() {
        let appends = [call(1, 0, 9, .append("x"), .integer(1)), call(2, 1, 8, .append("yy"), .integer(3))]
        expect(appends + [call(3, 10, 11, .get, .value("xyy"))], linearizable: true)
        expect(appends + [call(3, 10, 11, .get, .value("yyx"))], linearizable: false)
    }

    @Test func keysAreJudgedOneByOne() {
        let verdicts = Checker(KeyModel()).check([
            (key: "b", call: call(1, 0, 1, .set("x"), .done)), (key: "a", call: call(1, 2, 3, .get, .value("x"))),
        ])
        #expect(verdicts.map(\.key) == ["a", "b"])
        #expect(verdicts.map(\.verdict.isLinearizable) == [false, true])
    }

    @Test func anExplanationNamesTheCallThatDoesNotFit() throws {
        let verdict = Checker(KeyModel()).check([
            call(1, 0, 1, .set("x"), .done), call(1, 2, 3, .set("y"), .done), call(2, 4, 9, .get, .value("x")),
            call(3, 5, 10, .append("z"), .integer(2)),
        ])
        guard case .notLinearizable(let explanation) = verdict else {
            Issue.record("\(verdict)")
            return
        }
        #expect(explanation.prefix == [0, 1])
        #expect(explanation.misfit == 2)
        #expect(explanation.open == [3])
        let text = "\(verdict)"
        #expect(text.contains("2 of 4 calls could be put in order"))
        #expect(text.contains("✗ [4…9] process 2: get → x"))
    }

    @Test func aSearchThatIsTooLongIsGivenUp() {
        let calls = (0..<12).map { call($0, 0, 100, .append("\($0)"), .integer(1)) }
        let verdict = Checker(KeyModel(), stepsMax: 5).check(
            calls.map { call($0.process, 0, $0.input) } + [call(1, 5, 6, .get, .value("?"))])
        guard case .gaveUp = verdict else {
            Issue.record("\(verdict)")
            return
        }
    }
}
