"""What is examined: a folder, what its settings say, an environment, and where it is deployed."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from dagproof.config import Settings


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What is examined.

    Attributes:
        folder: absolute; in which the user stands.
        settings: of the repository; None where they cannot be read.
        complaint: why they cannot be read; empty where they can.
        environ: of the process.
        airflow: the version of Airflow that the repository deploys; empty where nothing says it.
        said_in: the file that says so.
        disagreement: one sentence, where other files say another version; else empty.
    """

    folder: Path
    settings: Settings | None
    complaint: str
    environ: Mapping[str, str]
    airflow: str = ""
    said_in: str = ""
    disagreement: str = ""

    @property
    def backend(self) -> str:
        """What stands behind the services of a run."""
        configured = self.settings.backend if self.settings is not None else "embedded"
        return self.environ.get("DAGPROOF_SERVICES") or configured

    @property
    def services(self) -> tuple[str, ...]:
        """The services that the repository asks for; none where it takes those that there are."""
        return (self.settings.services or ()) if self.settings is not None else ()
