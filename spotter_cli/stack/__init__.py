"""The deployed stack that a command talks to: its outputs, its jobs, its switch."""
