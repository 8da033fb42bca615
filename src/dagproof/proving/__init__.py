"""`dagproof contracts`: from paths to a report, by trying what every DAG promises."""

from dagproof.proving.composition import prove
from dagproof.proving.request import ContractsRequest
from dagproof.proving.tracing import import_is_to_blame

__all__ = ["ContractsRequest", "import_is_to_blame", "prove"]
