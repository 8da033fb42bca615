"""Says what is wrong with this environment, and gives the command that mends it."""

from dagproof.doctor.check import Check, State
from dagproof.doctor.examination import examine
from dagproof.doctor.surroundings import Surroundings

__all__ = ["Check", "State", "Surroundings", "examine"]
