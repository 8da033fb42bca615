"""Imports DAG files in child processes under CPython's audit hooks, and writes down what it saw."""
