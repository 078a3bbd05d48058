"""Gathers the evidence about a deployed Spotter, with the caller's own credentials. Every call only reads."""
