"""SageMaker's API as botocore describes it: for the simulated SageMaker, and for whoever checks a request."""
