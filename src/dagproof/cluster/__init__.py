"""A real deployment on this machine: Airflow's own processes, Celery workers, a broker."""

from dagproof.cluster.client import Held, down, held, status, up
from dagproof.cluster.condition import all_well, states
from dagproof.cluster.place import ClusterPlace, default_place
from dagproof.cluster.plan import Plan
from dagproof.cluster.record import MemberRecord, Record

__all__ = [
    "ClusterPlace",
    "Held",
    "MemberRecord",
    "Plan",
    "Record",
    "all_well",
    "default_place",
    "down",
    "held",
    "states",
    "status",
    "up",
]
