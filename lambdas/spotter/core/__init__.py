"""The pure half: values in, values out; no clock, no environment, no network.

Everything here is the standard library's and can be called from anywhere: the functions in AWS,
the stack's synthesis, the command line and the tests.
"""
