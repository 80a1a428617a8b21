"""The questions as commands: the answer as JSON, and as words."""
