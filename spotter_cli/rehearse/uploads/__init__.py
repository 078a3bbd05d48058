"""SageMaker's uploader and its bucket: what a fresh machine would get."""
