"""What was measured: launch, step and save times, where they are kept, and the interval that costs least."""
