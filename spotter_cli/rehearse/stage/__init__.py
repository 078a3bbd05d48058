"""What the script finds when it starts: SageMaker's folders and variables, and one machine for each attempt."""
