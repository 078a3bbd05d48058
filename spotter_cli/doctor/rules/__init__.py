"""The rules of `spotter doctor`: each yields results from evidence, and none reads anything."""
