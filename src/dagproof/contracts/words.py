"""How values and confs are told in sentences."""

import json
from collections.abc import Mapping
from typing import Final

_LONGEST: Final = 80


def shown(value: object) -> str:
    """Return a value as code, shortened where it is long."""
    try:
        text = " ".join(repr(value).splitlines())
    except Exception:  # noqa: BLE001 - it is the user's
        text = f"<{type(value).__name__}>"
    text = text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"
    return f"`{text.replace('`', chr(39))}`"


def with_conf(conf: Mapping[str, object] | None) -> str:
    """Return with which conf something happens, to follow a verb; nothing where all do it."""
    if conf is None:
        return ""
    if not conf:
        return " with the default conf"
    text = json.dumps(conf, ensure_ascii=False, sort_keys=True)
    text = text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"
    return f" with the conf `{text.replace('`', chr(39))}`"
