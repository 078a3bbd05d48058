"""Spotter watches managed spot training, remembers what happened, and carries jobs on."""
