"""Makes one `ImportTrace` of what several imports of a file left on the board."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

from dagproof.import_audit.differences import differences
from dagproof.import_audit.orders import Job, Mode, Outcome
from dagproof.import_audit.places import Sources
from dagproof.import_audit.shape_records import shapes_of
from dagproof.model import (
    Crash,
    Difference,
    Effect,
    Ending,
    GlobalLeak,
    ImportFailure,
    ImportTrace,
    Kind,
    ModuleCost,
)

_RANDOM: Final = ("random", "numpy.random")
_LEAKING: Final = {
    "sys.addaudithook": "was called, and nobody can undo it",
    "setopencodehook": "was called, and nobody can undo it",
    "resource.setrlimit": "was called",
    "sys.settrace": "was called",
    "sys.setprofile": "was called",
}
"""Events that are leaks rather than effects."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What an import was given: wall-clock seconds, and bytes."""

    timeout: float
    memory: int


@dataclass(slots=True)
class Evidence:
    """All that was seen of one file.

    Attributes:
        job: the plain import.
        first: under the usual circumstances.
        second: under others.
        twice: whether there is to be a second one.
        onward: past what was refused.
        stepwise: line by line.
    """

    job: Job
    twice: bool
    first: Outcome | None = None
    second: Outcome | None = None
    onward: Outcome | None = None
    stepwise: Outcome | None = None
    asked: set[Mode] = field(default_factory=set)

    @property
    def plain(self) -> Outcome:
        """The import under the usual circumstances; an empty one where it is not there yet."""
        return self.first or Outcome(self.job)

    def leaks(self) -> list[list[str]]:
        """Return what is left changed; randomness counts where both imports left it the same."""
        first = _result(self.first)
        second = _result(self.second).get("random")
        seeded = {
            name
            for name, here, there in zip(
                _RANDOM, first.get("random", ()), second or (None, None), strict=False
            )
            if here == there
        }
        return [
            leak for leak in first.get("leaks", ()) if leak[0] not in _RANDOM or leak[0] in seeded
        ]


def _result(outcome: Outcome | None) -> Mapping[str, Any]:
    return {} if outcome is None else outcome.result


def further_job(evidence: Evidence) -> Job | None:
    """Return the import that would tell more about a file; None where nothing is left to ask."""
    first = evidence.plain
    job = evidence.job
    leaks = [name for name, _ in evidence.leaks()]
    if _is_doubtful(evidence) and Mode.ALONE not in evidence.asked:
        evidence.asked.add(Mode.ALONE)
        return replace(job, mode=Mode.ALONE)
    caused = any(error["caused"] for error in first.result.get("errors", ()))
    crashed = first.ending not in {"", "timeout"} and not (first.places or first.stack)
    if caused and Mode.ONWARD not in evidence.asked:
        evidence.asked.add(Mode.ONWARD)
        return replace(job, mode=Mode.ONWARD)
    if (leaks or crashed) and Mode.STEPWISE not in evidence.asked:
        evidence.asked.add(Mode.STEPWISE)
        return replace(job, mode=Mode.STEPWISE, look_for=tuple(leaks))
    return None


def _is_doubtful(evidence: Evidence) -> bool:
    """Say whether files that were imported before in the process may be to blame.

    They are not if the second import, which comes after other files, ended in the same way.
    """
    first, second = evidence.plain, evidence.second
    if first.fresh or not first.is_doubtful:
        return False
    return second is None or _import_of(first) != _import_of(second)


def trace_of(
    evidence: Evidence, sources: Sources, owns: Callable[[str], bool], limits: Limits
) -> ImportTrace:
    """Return what was seen of a file.

    Args:
        evidence: all of it.
        sources: text of the files.
        owns: says whether a file is the user's own.
        limits: that held for it.
    """
    first = evidence.plain
    path, result = evidence.job.path, first.result
    effects = _effects(evidence, sources)
    told = result.get("dags", {})
    return ImportTrace(
        path=sources.shown(path),
        ending=_ending(first),
        dag_ids=tuple(result.get("dag_ids", ())),
        effects=tuple(effect for effect in effects if effect.event not in _LEAKING),
        seconds=float(result.get("seconds", 0.0)),
        modules=tuple(_module(module, sources, path) for module in result.get("modules", ())),
        errors=tuple(_failure(error, sources, path) for error in result.get("errors", ())),
        unserializable=tuple(
            _unserializable(dag_id, given, result, sources, path)
            for dag_id, given in told.items()
            if len(given) > 1
        ),
        crash=_crash(evidence, sources, owns, limits),
        leaks=(*_leaks(evidence, sources), *_called(effects)),
        differences=_differences(evidence),
        spans={
            dag_id: sources.span(places[-1])
            for dag_id, places in result.get("spans", {}).items()
            if places
        },
        empty=tuple(result.get("empty", ())),
        dags=shapes_of(result.get("shapes", ()), sources.shown(path)),
    )


def _ending(first: Outcome) -> Ending:
    if first.ending == "timeout":
        return Ending.TIMED_OUT
    if first.ending:
        return Ending.CRASHED
    return Ending.FAILED if first.result.get("errors") else Ending.IMPORTED


def _effects(evidence: Evidence, sources: Sources) -> list[Effect]:
    seen = set()
    found = []
    for outcome in (evidence.first, evidence.onward):
        for record in [] if outcome is None else outcome.effects:
            span, chain = sources.located(record["places"], evidence.job.path)
            effect = Effect(
                Kind(record["kind"]),
                record["effect"],
                record["detail"],
                span,
                chain,
                record["refused"],
                record["native"],
            )
            key = (effect.kind, effect.native, effect.event in _LEAKING, span)
            if key not in seen:
                seen.add(key)
                found.append(effect)
    return found


def _called(effects: Sequence[Effect]) -> list[GlobalLeak]:
    return [
        GlobalLeak(effect.event, _LEAKING[effect.event], effect.span, effect.chain)
        for effect in effects
        if effect.event in _LEAKING
    ]


def _module(module: Sequence[Any], sources: Sources, path: str) -> ModuleCost:
    name, seconds, own, chain, line, file = module
    return ModuleCost(
        name,
        seconds,
        own,
        (sources.shown(path), *chain[1:]),
        sources.whole(file, line) if file and line else None,
    )


def _failure(error: Mapping[str, Any], sources: Sources, path: str) -> ImportFailure:
    span, chain = sources.located(error["places"], error["path"] or path)
    return ImportFailure(
        error["type"], error["message"], error["text"], span, chain, caused=error["caused"]
    )


def _unserializable(
    dag_id: str, given: Sequence[str], result: Mapping[str, Any], sources: Sources, path: str
) -> ImportFailure:
    kind, message, text = given
    span, chain = sources.located(result["spans"].get(dag_id, ()), path)
    return ImportFailure(kind, message, text, span, chain, dag_id)


def _crash(
    evidence: Evidence, sources: Sources, owns: Callable[[str], bool], limits: Limits
) -> Crash | None:
    first = evidence.plain
    if not first.ending:
        return None
    stepwise = evidence.stepwise.places if evidence.stepwise is not None else []
    places = sources.stack(first.stack, owns) or first.places or stepwise
    if not places and first.effects:
        places = first.effects[-1]["places"]
    span, chain = sources.located(places, evidence.job.path)
    return Crash(_what(first, limits), span, chain, sources.told(first.stack))


def _what(first: Outcome, limits: Limits) -> str:
    if first.what:
        return first.what
    if first.ending == "timeout":
        return f"it was still running after {limits.timeout:g} s"
    if first.ending == "memory" or "MemoryError" in first.stack:
        return f"it took more than {limits.memory // 2**20} MB of memory"
    if first.ending.startswith("exit"):
        return f"it ended its process with {first.ending}"
    return f"signal {first.ending.removeprefix('signal ')} ended its process"


def _leaks(evidence: Evidence, sources: Sources) -> list[GlobalLeak]:
    found = dict(evidence.stepwise.leaks) if evidence.stepwise is not None else {}
    leaks = []
    for name, detail in evidence.leaks():
        span, chain = sources.located(found.get(name, ()), evidence.job.path)
        leaks.append(GlobalLeak(name, detail, span, chain))
    return leaks


def _differences(evidence: Evidence) -> tuple[Difference, ...]:
    first, second = evidence.plain, evidence.second
    if second is None or first.ending or first.result.get("gone") or second.result.get("gone"):
        return ()
    here, there = (_import_of(outcome) for outcome in (first, second))
    if here or there:
        caused = [error["caused"] for error in second.result.get("errors", ())]
        if bool(here) == bool(there) or any(caused):
            return ()
        return (Difference("", "the import", here or "succeeds", there or "succeeds"),)
    given = [
        {dag_id: dag[0] for dag_id, dag in outcome.result["dags"].items() if len(dag) == 1}
        for outcome in (first, second)
    ]
    bad = {
        dag_id
        for outcome in (first, second)
        for dag_id, dag in outcome.result["dags"].items()
        if len(dag) > 1
    } | {*first.result.get("doubled", ()), *second.result.get("doubled", ())}
    return tuple(one for one in differences(*given) if one.dag_id not in bad)


def _import_of(outcome: Outcome) -> str:
    """Return why a file did not import; empty where it did."""
    if outcome.ending:
        return "does not end" if outcome.ending == "timeout" else outcome.ending
    errors = outcome.result.get("errors", ())
    return f"{errors[0]['type']}: {errors[0]['message']}".partition("\n")[0] if errors else ""
