"""Reads a Python file once and answers what happens when it is imported."""
