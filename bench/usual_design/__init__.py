"""The usual design, to measure Spotter beside it: one function for all events, as a good engineer writes it with Powertools."""
