"""The verdict, from plain values: what an attempt and a restart showed, what follows from it, and what to do."""
