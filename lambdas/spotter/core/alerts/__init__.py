"""Alerts: which ones follow from the ledger (`rules`), and how they are put into words and published.

Nothing is imported here, so that record, which only announces, and Slack's function load none of the rules.
"""
