// Filled in by the changes that follow.
