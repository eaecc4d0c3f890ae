import Testing

@Test func placeholderNodeTests() {}
