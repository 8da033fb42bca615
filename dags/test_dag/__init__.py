"""The smallest pipeline: one task that greets, to see that an installation works."""
