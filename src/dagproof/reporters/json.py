"""The report as one JSON document, for machines."""

import json

from dagproof.model import (
    Comparison,
    DagOutcome,
    FaultRecord,
    Finding,
    Repetition,
    Report,
    Stage,
    TaskError,
    TaskOutcome,
    Tracking,
    XComRecord,
)
from dagproof.reporters.contracts_json import contract
from dagproof.reporters.diff_json import dag_diff
from dagproof.reporters.impact_json import impact
from dagproof.reporters.imports_json import places, trace
from dagproof.reporters.values import plain_value

VERSION = 1


def render(report: Report) -> str:
    """Return the report as indented JSON with a final newline, in ASCII for any terminal."""
    document = {
        "version": VERSION,
        "findings": [_finding(finding) for finding in report.findings],
        "files": report.files or len({run.dag_id for run in report.runs}),
        "errors": [{"path": error.path, "message": error.message} for error in report.errors],
        "imports": [trace(seen) for seen in report.imports],
        "contracts": [contract(tried) for tried in report.contracts],
        "runs": [_run(run) for run in report.runs],
        "repetitions": [_repetition(one) for one in report.repetitions],
        "tracking": _tracking(report.tracking),
        "seconds": round(report.seconds, 3),
        "stages": [_stage(stage) for stage in report.stages],
        "comparison": None if report.comparison is None else _comparison(report.comparison),
        "impact": None if report.impact is None else impact(report.impact),
        "diffs": [dag_diff(one) for one in report.diffs],
        "notes": list(report.notes),
        "exit_code": report.exit_code,
    }
    return json.dumps(document, indent=2) + "\n"


def _finding(finding: Finding) -> dict[str, object]:
    return {
        "code": finding.code,
        "slug": finding.slug,
        "severity": finding.severity,
        "kind": finding.kind,
        "message": finding.message,
        "fix": finding.fix,
        "path": finding.span.path,
        "line": finding.span.line,
        "column": finding.span.column,
        "end_line": finding.span.end_line,
        "end_column": finding.span.end_column,
        "related": places(finding.related),
        "also": list(finding.also),
        "detail": finding.detail,
        "new": finding.new,
    }


def _stage(stage: Stage) -> dict[str, object]:
    return {
        "name": stage.name,
        "state": stage.state,
        "note": stage.note,
        "seconds": round(stage.seconds, 3),
        "exit_code": stage.exit_code,
    }


def _comparison(comparison: Comparison) -> dict[str, object]:
    return {
        "commit": comparison.commit,
        "asked": comparison.asked,
        "how": comparison.how,
        "unknown": comparison.unknown,
        "files": [
            {"path": one.path, "fate": one.fate, "before": one.before or None}
            for one in comparison.files
        ],
    }


def _run(run: DagOutcome) -> dict[str, object]:
    return {
        "dag_id": run.dag_id,
        "run_id": run.run_id,
        "label": run.label,
        "state": run.state,
        "seconds": round(run.seconds, 3),
        "error": _error(run.error),
        "tasks": [_task(task) for task in run.tasks],
        "faults": [_fault(record) for record in run.faults],
        "triggered": [
            {"dag_id": one.dag_id, "run_id": one.run_id, "conf": plain_value(one.conf)}
            for one in run.triggered
        ],
    }


def _repetition(one: Repetition) -> dict[str, object]:
    return {
        "dag_id": one.dag_id,
        "repeatable": one.repeatable,
        "runs": [{"label": run.label, "state": run.state} for run in one.runs],
        "differences": [
            {
                "kind": each.kind,
                "name": each.name,
                "field": each.field,
                "message": each.message,
                "retried": each.retried,
                "tasks": list(each.tasks),
            }
            for each in one.differences
        ],
        "notes": list(one.notes),
        "seconds": round(one.seconds, 3),
        "seconds_looking": round(one.looking, 3),
    }


def _fault(record: FaultRecord) -> dict[str, object]:
    return {
        "fault": record.fault,
        "began": None if record.began is None else round(record.began, 3),
        "ended": None if record.ended is None else round(record.ended, 3),
        "hits": record.hits,
        "unit": record.unit,
    }


def _task(task: TaskOutcome) -> dict[str, object]:
    return {
        "task_id": task.task_id,
        "map_index": task.map_index,
        "state": task.state,
        "tries": task.tries,
        "started": round(task.started, 3),
        "seconds": round(task.seconds, 3),
        "stubbed": task.stubbed,
        "reason": task.reason,
        "xcoms": {key: plain_value(value) for key, value in task.xcoms.items()},
        "pushed": [_pushed(record) for record in task.pushed],
        "mlflow_runs": list(task.mlflow_runs),
        "open_mlflow_runs": list(task.open_mlflow_runs),
        "error": _error(task.error),
        "leaks": [
            {"kind": leak.kind, "name": leak.name, "detail": leak.detail} for leak in task.leaks
        ],
    }


def _pushed(record: XComRecord) -> dict[str, object]:
    return {
        "key": record.key,
        "type": record.type,
        "stored": record.stored,
        "elsewhere": record.elsewhere,
        "readable": record.readable,
        "loss": record.loss,
        "diff": record.diff,
        "troubles": [
            {"slug": one.offence, "message": one.message, "detail": one.detail}
            for one in record.troubles
        ],
    }


def _error(error: TaskError | None) -> dict[str, str] | None:
    if error is None:
        return None
    return {"type": error.type, "message": error.message, "traceback": error.traceback}


def _tracking(tracking: Tracking) -> dict[str, object]:
    return {
        "runs": [
            {
                "run_id": run.run_id,
                "name": run.name,
                "experiment": run.experiment,
                "status": run.status,
                "metrics": {name: plain_value(value) for name, value in run.metrics.items()},
                "tags": dict(run.tags),
            }
            for run in tracking.runs
        ],
        "versions": [
            {
                "name": version.name,
                "version": version.version,
                "aliases": list(version.aliases),
                "run_id": version.run_id,
            }
            for version in tracking.versions
        ],
    }
