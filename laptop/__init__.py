"""The laptop is an embedded AWS with a simulated SageMaker, on which the real template runs."""
