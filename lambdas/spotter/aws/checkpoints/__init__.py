"""Listing and reading checkpoints in S3, within bounds."""
