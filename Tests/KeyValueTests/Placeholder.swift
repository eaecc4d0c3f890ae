import Testing

@Test func placeholderKeyValueTests() {}
