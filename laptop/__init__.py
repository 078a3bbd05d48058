"""The laptop is an embedded AWS with a pretend SageMaker, on which the real template runs."""
