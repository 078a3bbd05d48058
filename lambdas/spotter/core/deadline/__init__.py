"""Finishing by a time at the least cost: when a lineage leaves spot for on demand."""
