"""How fast it is: figures of one run on one machine, printed and never asserted."""

from pathlib import Path

POLICY = Path(__file__).with_name("policy.toml")
"""The policy under which all is measured."""
