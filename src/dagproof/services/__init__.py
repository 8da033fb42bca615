"""Services: start one, yield its environment, stop it."""
