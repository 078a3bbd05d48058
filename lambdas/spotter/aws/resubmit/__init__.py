"""Collecting evidence about a finished attempt, and creating the next one."""
