"""Makes services fail as they do in production: a proxy before each, with faults to switch on."""

from dagproof.services.faults.switchboard import Switchboard, faulty

__all__ = ["Switchboard", "faulty"]
