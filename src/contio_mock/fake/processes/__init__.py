"""What Contio does behind its operations, at once or when the clock gets there; shared by handlers."""
