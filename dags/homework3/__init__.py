"""Homework 3 of the MLOps Zoomcamp: one-hot zones, linear regression, registered, at any size."""
