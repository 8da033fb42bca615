"""What `pytest --dagproof` collects: questions about each DAG file, as test items."""

from dagproof.pytest_items.collecting import install

__all__ = ["install"]
