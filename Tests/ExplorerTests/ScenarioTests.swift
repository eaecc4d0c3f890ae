import Explorer
import Testing

@Suite struct ScenarioTests {
}
