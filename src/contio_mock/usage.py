"""The one exception of the command line."""


class UsageError(Exception):
    """Something that the caller can mend: one sentence, exit code 2, no traceback."""
