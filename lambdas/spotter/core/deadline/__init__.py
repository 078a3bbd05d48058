"""Finishing by a time at the least cost: the deadline of a lineage, what remains, and when it leaves spot for on demand."""
