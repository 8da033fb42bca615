"""`dagproof contracts`: from paths to a report, by trying what every DAG promises."""

from dagproof.proving.composition import prove
from dagproof.proving.request import ContractsRequest

__all__ = ["ContractsRequest", "prove"]
