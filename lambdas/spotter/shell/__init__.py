"""The thin half: what talks to DynamoDB, SageMaker, S3, SNS, SQS and SSM, and decides nothing."""
