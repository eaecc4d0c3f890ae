import Testing

@Test func placeholderLinearizabilityTests() {}
