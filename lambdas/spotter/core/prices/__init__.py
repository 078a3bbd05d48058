"""List prices of SageMaker training: read from AWS's Price List, kept in a dated file, looked up by type."""
