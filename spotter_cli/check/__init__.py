"""Where `spotter check` finds requests: in files, scripts and notebooks, and in AWS."""
