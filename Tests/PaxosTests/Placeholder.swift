import Testing

@Test func placeholderPaxosTests() {}
