"""The permissions of our functions' roles that Lambda itself uses, so that no call of ours can be held against them."""

OUTSIDE = {
    "logs:CreateLogStream": "Lambda writes the log",
    "logs:PutLogEvents": "Lambda writes the log",
    "xray:PutTelemetryRecords": "Lambda sends the trace",
    "xray:PutTraceSegments": "Lambda sends the trace",
    "sqs:ChangeMessageVisibility": "Lambda reads the queue",
    "sqs:DeleteMessage": "Lambda reads the queue",
    "sqs:ReceiveMessage": "Lambda reads the queue",
    "sqs:GetQueueAttributes": "Lambda reads the queue, or sends to it what failed",
    "sqs:GetQueueUrl": "Lambda reads the queue, or sends to it what failed",
    "dynamodb:ListStreams": "Lambda reads the stream",
    "dynamodb:DescribeStream": "Lambda reads the stream",
    "dynamodb:GetRecords": "Lambda reads the stream",
    "dynamodb:GetShardIterator": "Lambda reads the stream",
}
"""What Lambda itself does with a function's role, and no code of ours."""
