"""What people type, a module for each theme; what a command needs is imported when it is typed."""
