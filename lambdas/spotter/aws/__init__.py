"""What reads and writes AWS: DynamoDB, SageMaker, S3, SNS, SQS and SSM. It decides nothing.

It has the same rooms as `core`, and imports from `core`; never the other way round.
"""
