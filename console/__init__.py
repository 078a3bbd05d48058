"""The `spotter` command line."""
