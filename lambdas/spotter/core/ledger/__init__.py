"""The ledger's rows: their keys, what each kind of row holds, and how it is read."""
