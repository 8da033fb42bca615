"""What was seen while DAG files were imported, as parts of the JSON document."""

from collections.abc import Iterable

from dagproof.model import Effect, ImportFailure, ImportTrace, ModuleCost, Related, Span


def trace(seen: ImportTrace) -> dict[str, object]:
    """Return all that was seen of one file, except its serialized DAGs."""
    return {
        "path": seen.path,
        "ending": seen.ending,
        "dag_ids": list(seen.dag_ids),
        "seconds": round(seen.seconds, 3),
        "modules": [_module(module) for module in seen.modules],
        "effects": [_effect(effect) for effect in seen.effects],
        "errors": [_failure(failure) for failure in seen.errors],
        "unserializable": [_failure(failure) for failure in seen.unserializable],
        "differences": [
            {"dag_id": one.dag_id, "where": one.where, "first": one.first, "second": one.second}
            for one in seen.differences
        ],
        "leaks": [
            {"name": leak.name, "detail": leak.detail, **_line(leak.span)} for leak in seen.leaks
        ],
        "skipped": seen.skipped,
    }


def places(related: Iterable[Related]) -> list[dict[str, object]]:
    """Return places with what happens there, in their order."""
    return [{**_place(one.span), "message": one.message} for one in related]


def _module(module: ModuleCost) -> dict[str, object]:
    return {
        "name": module.name,
        "seconds": round(module.seconds, 3),
        "own": round(module.own, 3),
        "chain": list(module.chain),
    }


def _effect(effect: Effect) -> dict[str, object]:
    return {
        "kind": effect.kind,
        "event": effect.event,
        "detail": effect.detail,
        "refused": effect.refused,
        **_place(effect.span),
        "chain": places(effect.chain),
    }


def _failure(failure: ImportFailure) -> dict[str, object]:
    return {
        "type": failure.type,
        "message": failure.message,
        "traceback": failure.traceback,
        **_line(failure.span),
        "dag_id": failure.dag_id,
    }


def _place(span: Span) -> dict[str, object]:
    return {**_line(span), "column": span.column}


def _line(span: Span) -> dict[str, object]:
    return {"path": span.path, "line": span.line}
