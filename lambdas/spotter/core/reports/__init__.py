"""What people read about many jobs: lineages, savings, spot history, and their HTML."""
