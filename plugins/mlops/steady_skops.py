"""Makes skops files equal for equal models, so that training again does not change them."""

import io
import re
import zipfile

_SCHEMA = "schema.json"
_NUMBER = re.compile(r'(?<="__id__": )\d+|(?<=")\d+(?=\.np[yz]")')


def steady(data: bytes) -> bytes:
    """Return a skops file without what is of the process and of the moment that wrote it.

    skops numbers objects by their place in memory and names files by that, and the archive holds
    the time. Numbers are given by order of appearance instead, and the time is left out.

    Args:
        data: as `skops.io.dumps` returns it.
    """
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    numbers: dict[str, str] = {}

    def renumbered(found: re.Match[str]) -> str:
        return numbers.setdefault(found[0], str(len(numbers) + 1))

    schema = _NUMBER.sub(renumbered, parts.pop(_SCHEMA).decode())
    steady_file = io.BytesIO()
    with zipfile.ZipFile(steady_file, "w") as archive:
        for name, part in parts.items():
            number, dot, kind = name.partition(".")
            archive.writestr(zipfile.ZipInfo(f"{numbers.get(number, number)}{dot}{kind}"), part)
        archive.writestr(zipfile.ZipInfo(_SCHEMA), schema)
    return steady_file.getvalue()
