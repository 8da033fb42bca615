"""Composes all kinds of evidence into one verdict.

Nothing is imported here: the process of each stage begins in this package.
"""
