"""Evaluating alert rules, and publishing pending alerts to SNS and Slack."""
