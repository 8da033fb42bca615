"""Services in containers: the same servers, and images to run them from."""
