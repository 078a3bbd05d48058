"""The sweep: comparing what SageMaker lists with what the ledger holds."""
