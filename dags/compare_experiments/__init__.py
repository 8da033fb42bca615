"""Finds the best of the latest runs of an experiment."""
