"""Rules that need more than three lines: pure functions over models."""
