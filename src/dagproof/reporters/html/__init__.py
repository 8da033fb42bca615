"""The report as one page for a browser: no network, readable without JavaScript."""

from dagproof.reporters.html.page import render

__all__ = ["render"]
