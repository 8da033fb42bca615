"""`dagproof audit`: from paths to a report, by importing every DAG file as Airflow does."""

from dagproof.audit.composition import audit
from dagproof.audit.request import AuditRequest

__all__ = ["AuditRequest", "audit"]
