"""What differs between two snapshots, one sentence for each thing."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from dagproof.model import LoggedVersion, Snapshot, StateDifference, Stored, TableState
from dagproof.repeating import tracked
from dagproof.repeating.made_up import likeness, pattern
from dagproof.repeating.words import Moments, counted, listed, quoted


def compare(first: Snapshot, second: Snapshot, moments: Moments) -> tuple[StateDifference, ...]:
    """Return what is not the same in two snapshots.

    Args:
        first: the earlier one.
        second: the later one, of the same services or of others that began as empty.
        moments: what they are called.
    """
    return (
        *_stored("object", first.objects, second.objects, moments),
        *_stored("file", first.files, second.files, moments),
        *_tables(first.tables, second.tables, moments),
        *tracked.runs(first.runs, second.runs, moments),
        *_versions(first.versions, second.versions, moments),
    )


def _stored(
    kind: str, first: Sequence[Stored], second: Sequence[Stored], moments: Moments
) -> Iterator[StateDifference]:
    before, after = _by_address(first), _by_address(second)
    moved: dict[str, _Moved] = {}
    for address in sorted(before.keys() | after.keys()):
        old, now = before.get(address, []), after.get(address, [])
        if len(old) != len(now):
            group = moved.setdefault(pattern(address), _Moved())
            (group.gone if len(old) > len(now) else group.new).append(address)
        elif told := _changed(old, now, moments):
            message = f"{kind} {quoted(_short(address))} has {told}"
            yield StateDifference(kind, pattern(address), message)
    for name, group in moved.items():
        fewer, more = (
            sum(len(same) for one, same in each.items() if pattern(one) == name)
            for each in (before, after)
        )
        alike = [one for one in (*before, *after) if pattern(one) == name]
        message = group.sentence(kind, likeness(alike), fewer, more, moments)
        yield StateDifference(kind, name, message, more=more > fewer)


def _by_address(stored: Sequence[Stored]) -> dict[str, list[Stored]]:
    """Return what there is by address, of which ids are no part: several may have the same."""
    found: dict[str, list[Stored]] = {}
    for one in stored:
        found.setdefault(one.address, []).append(one)
    return found


def _changed(old: Sequence[Stored], now: Sequence[Stored], moments: Moments) -> str:
    """Return how the bytes at one address differ; empty where they do not."""
    if sorted(one.digest for one in old) == sorted(one.digest for one in now):
        return ""
    sizes, others = (sum(one.size for one in each) for each in (old, now))
    if sizes != others:
        return moments.counted(counted(sizes, "byte"), f"{others:,}")
    return f"other bytes {moments.second}"


@dataclass(frozen=True, slots=True)
class _Moved:
    """Addresses with one pattern that are there only before, and only after."""

    gone: list[str] = field(default_factory=list)
    new: list[str] = field(default_factory=list)

    def sentence(self, kind: str, like: str, was: int, now: int, moments: Moments) -> str:
        """Return what became of them, where `was` and `now` count all that are alike."""
        like = f"like {quoted(_short(like))}"
        match (was, now):
            case (1, 1):
                return (
                    f"{kind} {quoted(_short(self.gone[0]))} is called "
                    f"{quoted(_short(self.new[0]))} {moments.second}"
                )
            case (0, 1):
                there, missing = moments.second, moments.first
            case (1, 0):
                there, missing = moments.first, moments.second
            case _ if was == now:
                return f"{counted(was, kind)} {like} have other names {moments.second}"
            case _:
                verb = "is" if was == 1 else "are"
                told = moments.counted(f"{counted(was, kind)} {like}", f"{now:,}")
                return f"there {verb} {told}"
        address = quoted(_short([*self.gone, *self.new][0]))
        return f"{kind} {address} is there {there}, not {missing}"


def _short(address: str) -> str:
    """Return an address as people say it: files by their path below the data root."""
    return address.removeprefix("file:")


def _tables(
    first: Sequence[TableState], second: Sequence[TableState], moments: Moments
) -> Iterator[StateDifference]:
    before = {one.name: one for one in first}
    after = {one.name: one for one in second}
    for name in sorted(before.keys() | after.keys()):
        old, now = before.get(name), after.get(name)
        if old is None or now is None:
            there, missing = moments.second, moments.first
            if now is None:
                there, missing = missing, there
            message = f"table `{name}` is there {there}, not {missing}"
            yield StateDifference("table", pattern(name), message, more=now is not None)
        elif message := _table(old, now, moments):
            more = (now.rows or 0) > (old.rows or 0)
            yield StateDifference("table", pattern(name), f"table `{name}` {message}", more=more)


def _table(old: TableState, now: TableState, moments: Moments) -> str:
    """Return how a table differs; empty where it does not."""
    if old.rows != now.rows:
        if old.rows is None or now.rows is None:
            return ""
        return f"has {moments.counted(counted(old.rows, 'row'), str(now.rows))}"
    columns = sorted(old.columns.keys() & now.columns.keys())
    changed = [name for name in columns if old.columns[name] != now.columns[name]]
    if changed:
        return f"has other values in {listed(changed)} {moments.second}"
    if old.columns.keys() == now.columns.keys() and old.digest != now.digest:
        return f"has its values in other rows {moments.second}"
    return ""


def _versions(
    first: Sequence[LoggedVersion], second: Sequence[LoggedVersion], moments: Moments
) -> Iterator[StateDifference]:
    for model in sorted({one.model for one in (*first, *second)}):
        before = {one.version: one for one in first if one.model == model}
        after = {one.version: one for one in second if one.model == model}
        name = pattern(model)
        if before.keys() != after.keys():
            word = "version" if len(before) == 1 else "versions"
            have = f"{word} {listed(list(before))}" if before else "no version"
            message = f"model `{model}` has {moments.counted(have, listed(list(after)))}"
            more = len(after) > len(before)
            yield StateDifference("model-version", name, message, more=more)
            continue  # where aliases point to, follows
        for version in sorted(before.keys() & after.keys(), key=int):
            old, now = before[version], after[version]
            where = f"of version {version} of model `{model}`"
            if old.aliases != now.aliases:
                told = moments.counted(listed(list(old.aliases)), listed(list(now.aliases)))
                message = f"the aliases {where} are {told}"
                yield StateDifference("model-version", name, message, "aliases")
            for key, was, value in tracked.changes(old.tags, now.tags):
                message = f"tag `{key}` {where} {moments.changed(was, value)}"
                yield StateDifference("model-version", name, message, f"tag `{key}`")
