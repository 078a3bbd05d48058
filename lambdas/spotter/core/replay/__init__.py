"""What policies would have cost on spot capacity as it was."""
