"""Whether a finished attempt is resubmitted, on which capacity, and why: rules over a case."""
