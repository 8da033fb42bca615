"""What a user of the services holds, whatever stands behind them."""

from abc import ABC, abstractmethod

from dagproof.model import Environment


def silent(_sentence: str) -> None:
    """Take a sentence of progress and say nothing."""


class Tenancy(ABC):
    """Services with state of one's own.

    Attributes:
        environment: variables that reach the servers; complete, though the servers may still
            be warming up behind sockets that already listen.
    """

    def __init__(self, environment: Environment) -> None:
        self.environment = environment

    @abstractmethod
    def wait(self) -> None:
        """Return when every server really answers.

        Raises:
            UnavailableError: one does not; one sentence and the end of its log.
        """

    @abstractmethod
    def reset(self) -> None:
        """Return to clean state at the same addresses: new database, empty MLflow and buckets.

        Raises:
            UnavailableError: a server does not come back.
        """
