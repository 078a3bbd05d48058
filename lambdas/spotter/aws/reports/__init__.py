"""Reading the ledger for the dashboard and for reports."""
