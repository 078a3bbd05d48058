"""The ledger in DynamoDB: reading, putting under a condition, and its stream."""
