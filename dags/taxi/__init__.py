"""The taxi pipeline: how long will this trip take? `dag.py` is thin; the steps are plain functions.

A month of trips is reduced once to cells (both zones, pickup hour, holdout flag) that hold integer
sums. Everything after that (both models, every error) is computed from cells, and cells of several
months or machines add up exactly, in any order.
"""
