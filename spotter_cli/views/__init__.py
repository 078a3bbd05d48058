"""What the commands show: jobs, alerts, explanations, savings, spot history, the report."""
