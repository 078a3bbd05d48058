"""What one look at a job adds to the ledger, and which metrics follow from it."""
