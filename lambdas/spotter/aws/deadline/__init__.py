"""Deadlines: recording their terms, measuring durations, and assessing how a lineage stands, from the ledger."""
