"""How fast it is: figures of one run on one machine, printed and never asserted."""
