"""What the services of a tenancy hold at one moment, so that two moments can be compared."""

from dagproof.services.snapshots.observer import Observer

__all__ = ["Observer"]
