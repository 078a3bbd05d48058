"""How a command prints: tables, times, drawings, CSV, files."""
