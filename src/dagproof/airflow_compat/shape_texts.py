"""Short texts of what Airflow serializes, in the words of whoever wrote the DAG."""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from hashlib import blake2b
from typing import Any, Final

Speak = Callable[[str], str]
"""Returns a text without what differs from import to import."""

LONGEST: Final = 400
"""Characters of a text; a longer one ends with its length and a digest of all of it."""

_TYPE: Final = "__type"
_VALUE: Final = "__var"
_ADDRESS: Final = re.compile(r" at 0x[0-9a-f]+")
_MODULE: Final = re.compile(r"unusual_prefix_[0-9a-f]{40}_(?:\w+\.)?")
_DURATIONS: Final = frozenset(
    {
        "retry_delay", "max_retry_delay", "execution_timeout", "dagrun_timeout", "poke_interval",
        "timeout", "sla",
    }
)  # fmt: skip
_MOMENTS: Final = frozenset({"start_date", "end_date"})
_UNITS: Final = (("d", 86400), ("h", 3600), ("m", 60))
_ASSETS: Final = frozenset({"asset", "asset_alias", "asset_name_ref", "asset_uri_ref"})


def speaker(hidden: Sequence[tuple[str, str]]) -> Speak:
    """Return what takes out of a text whatever differs from import to import.

    Args:
        hidden: absolute folders, each with the words that stand for it.
    """
    folders = sorted(((one, word) for one, word in hidden if len(one) > 1), key=_longest_first)
    words = dict(folders)
    found = "|".join(re.escape(folder) for folder in words)
    pattern = re.compile(rf"(?:{found})(?![\w.-])") if found else None

    def speak(text: str) -> str:
        if " at 0x" in text:
            text = _ADDRESS.sub("", text)
        if "unusual_prefix_" in text:
            text = _MODULE.sub("", text)
        if pattern is not None and "/" in text:
            text = pattern.sub(lambda match: words[match[0]], text)
        return text

    return speak


def _longest_first(one: tuple[str, str]) -> int:
    return -len(one[0])


def shortened(text: str, longest: int = LONGEST) -> str:
    """Return a text that is no longer than that by much, and another one for another text."""
    if len(text) <= longest:
        return text
    digest = blake2b(text.encode("utf-8", "surrogatepass"), digest_size=4).hexdigest()
    return f"{text[:longest]}… ({len(text):,} characters, {digest})"


def text_of(name: str, value: Any, speak: Speak) -> str:
    """Return the text of a field.

    Args:
        name: of the field, which says whether a number is a duration or a moment.
        value: as Airflow serializes it.
        speak: takes out what differs from import to import.
    """
    if isinstance(value, str):
        return shortened(speak(str(value)))
    plain = plain_of(value)
    if isinstance(plain, str):
        return shortened(speak(plain))
    if isinstance(plain, bool) or plain is None:
        return str(plain)
    if isinstance(plain, int | float):
        if name in _DURATIONS:
            return duration(plain)
        return moment(plain) if name in _MOMENTS else f"{plain:g}" if plain % 1 else str(int(plain))
    return shortened(speak(json_of(plain)))


def json_of(plain: Any) -> str:
    """Return plain data as JSON in one order."""
    return json.dumps(plain, sort_keys=True, ensure_ascii=False, default=str)


def plain_of(value: Any) -> Any:
    """Return a value without the types that Airflow writes beside it, down to its leaves."""
    if isinstance(value, Mapping):
        if _TYPE in value:
            return _typed(_word(value[_TYPE]), value)
        return {str(key): plain_of(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain_of(item) for item in value]
    return value


def _word(kind: Any) -> str:
    """Return a word that may be a member of an enumeration."""
    return str(getattr(kind, "value", kind))


def _typed(kind: str, value: Mapping[str, Any]) -> Any:
    inner = value.get(_VALUE, value)
    if kind in _NUMBERS and isinstance(inner, int | float):
        return _NUMBERS[kind](inner)
    if kind in {"set", "frozenset"} and isinstance(inner, list | tuple):
        return sorted((plain_of(item) for item in inner), key=json_of)
    if kind == "xcomref" and isinstance(inner, Mapping):
        return _reference(inner)
    if kind.startswith("asset"):
        return asset(value)
    if inner is value:
        return {name: plain_of(item) for name, item in value.items() if name != _TYPE} or kind
    return plain_of(inner)


def _reference(inner: Mapping[str, Any]) -> Any:
    """Return how the output of a task is named."""
    if "task_id" not in inner:
        return {str(name): plain_of(item) for name, item in inner.items()}
    key = inner.get("key", "return_value")
    more = "" if key == "return_value" else f", {key}"
    return f"XCom({inner['task_id']}{more})"


def asset(value: Any) -> str:
    """Return an asset, or what combines assets, as an expression."""
    if not isinstance(value, Mapping):
        return str(value)
    kind = _word(value.get(_TYPE, "asset"))
    inner = value.get(_VALUE, value)
    if not isinstance(inner, Mapping):
        return str(inner)
    if "objects" in inner:
        sign = " | " if kind.endswith("any") else " & "
        parts = sorted(
            f"({asset(one)})" if isinstance(one, Mapping) and "objects" in one else asset(one)
            for one in inner["objects"]
        )
        return sign.join(parts)
    name, uri = inner.get("name"), inner.get("uri")
    told = str(name or uri)
    if name and uri and uri.rstrip("/") != name.rstrip("/"):
        told = f"{name} ({uri})"
    return f"{kind}({told})" if kind in _ASSETS - {"asset"} else told


def duration(seconds: float) -> str:
    """Return seconds as text such as `1d 2h 30m` or `0.5s`."""
    sign, left = ("-", -seconds) if seconds < 0 else ("", seconds)
    parts = []
    for unit, size in _UNITS:
        number, left = divmod(left, size)
        if number:
            parts.append(f"{int(number)}{unit}")
    if left or not parts:
        parts.append(f"{left:g}s")
    return sign + " ".join(parts)


def moment(seconds: float) -> str:
    """Return a moment in UTC, so that texts are in the order of time."""
    try:
        return datetime.fromtimestamp(seconds, UTC).isoformat().replace("+00:00", "Z")
    except (OverflowError, ValueError, OSError):
        return str(seconds)


_NUMBERS: Final[Mapping[str, Callable[[float], str]]] = {"timedelta": duration, "datetime": moment}
"""What Airflow writes as numbers of seconds."""
