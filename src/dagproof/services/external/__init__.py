"""Services that exist already: used only where they are empty or marked as dagproof's own."""

from dagproof.services.external.tenancy import external

__all__ = ["external"]
