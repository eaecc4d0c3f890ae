import Testing

@Test func placeholderShardingTests() {}
