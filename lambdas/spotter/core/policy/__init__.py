"""The owner's policy: its keys, how `spotter.toml` is parsed, and what it allows."""
