"""The AWS stack: one construct for each capability."""
