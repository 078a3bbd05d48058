"""A job's two states for people; every status of SageMaker belongs to one of them."""

RUNNING, FINISHED = "running", "finished"
"""Running includes waiting for capacity."""
