"""What git knows of the two states that are compared."""
