"""How dagproof itself is installed again: by name and version, or from the commit it came from."""

import json
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, distribution

from dagproof import __version__


@dataclass(frozen=True, slots=True)
class Origin:
    """Where dagproof came from.

    Attributes:
        url: of its git repository; empty where it was installed by name.
        commit: that was installed.
    """

    url: str = ""
    commit: str = ""

    def requirement(self, extra: str = "") -> str:
        """Return what pip is given.

        Args:
            extra: such as `all`; empty for dagproof alone.
        """
        name = f"dagproof[{extra}]" if extra else "dagproof"
        return f"{name} @ git+{self.url}@{self.commit}" if self.url else f"{name}=={__version__}"


def origin() -> Origin:
    """Return where the dagproof that runs came from."""
    try:
        said = distribution("dagproof").read_text("direct_url.json")
        about = json.loads(said or "{}")
    except (PackageNotFoundError, ValueError):
        return Origin()
    vcs = about.get("vcs_info", {})
    url = str(about.get("url", ""))
    if vcs.get("vcs") != "git" or not url.startswith("https://") or "@" in url:
        return Origin()  # a folder of this machine, or an address with somebody's password
    return Origin(url, str(vcs.get("commit_id", "")))
