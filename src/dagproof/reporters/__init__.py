"""One module per format: a report in, text out."""
