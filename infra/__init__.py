"""The AWS stack: one construct for each capability, and the promises that they keep."""
