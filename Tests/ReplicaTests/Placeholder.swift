import Testing

@Test func placeholderReplicaTests() {}
