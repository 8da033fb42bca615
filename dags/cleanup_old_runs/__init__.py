"""Deletes MLflow runs that nobody needs any more."""
