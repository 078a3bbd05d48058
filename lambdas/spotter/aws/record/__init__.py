"""Describing jobs in SageMaker and recording what is new."""
