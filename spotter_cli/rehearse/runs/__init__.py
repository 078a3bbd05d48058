"""The runs of a rehearsal: when machines go, one attempt, what is collected of it, and their order."""
