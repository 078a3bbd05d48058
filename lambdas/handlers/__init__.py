"""One short module for each function that runs in AWS, named for its verb."""
