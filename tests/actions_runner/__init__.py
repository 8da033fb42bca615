"""Runs GitHub workflows on this machine, as far as ours go: what it does not know is an error."""
