"""Which findings count: selection, comments, baseline; and what `--fix` does about them."""
