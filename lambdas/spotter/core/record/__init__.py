"""What one description of a job adds to the ledger, and which metrics follow from it."""
