"""Authorization, sign-in, tokens and keys."""
