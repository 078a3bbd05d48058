"""What spot cost and saved: from attempts to totals, groups, the first line and the monthly digest."""
