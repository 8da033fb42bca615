"""`dagproof contracts`: tries what DAGs promise, by example."""

import argparse
import json
import sys
from pathlib import Path

from dagproof.commands import reporting
from dagproof.commands.compiled import compiled_once
from dagproof.config import load_settings

_MOST_EXAMPLES = 10_000


def add(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command."""
    contracts = commands.add_parser(
        "contracts",
        help="try Params, templates, casts and XComs of every DAG, without running it",
        description=(
            "Imports every DAG file and tries what its DAGs promise: confs that the UI, the CLI "
            "and the REST API send, every template of every task, what callables get from them, "
            "and values of return annotations through XCom and back. No database is needed and "
            "nothing gets out. Without PATHS: the dags and plugins folders of pyproject.toml. Exit "
            "code 1 where errors or warnings are found, 0 where there are none or notes alone."
        ),
    )
    contracts.add_argument("paths", nargs="*", type=Path, metavar="PATH", help="a file or a folder")
    contracts.add_argument("--dag", default="", metavar="ID", help="try this DAG alone")
    contracts.add_argument("--task", default="", metavar="ID", help="try this task alone")
    contracts.add_argument(
        "--conf", type=_conf, metavar="JSON", help="try this conf alone: what a finding says"
    )
    contracts.add_argument(
        "--examples", type=_examples, metavar="N",
        help="confs and values to generate for each DAG and annotation; default 25",
    )  # fmt: skip
    contracts.add_argument(
        "--seed", type=int, default=0, metavar="N", help="generate other confs; default 0"
    )
    reporting.add_selection(contracts)
    reporting.add_allow(contracts)
    contracts.add_argument(
        "--timeout", type=reporting.seconds, metavar="SECONDS",
        help="for the import of each file; default 30",
    )  # fmt: skip
    reporting.add_options(contracts)
    contracts.set_defaults(command=_contracts)


def _contracts(options: argparse.Namespace) -> int:
    with compiled_once():
        return _tried(options)


def _tried(options: argparse.Namespace) -> int:
    from dagproof.proving import ContractsRequest, prove
    from dagproof.proving.request import EXAMPLES
    from dagproof.terminal import Counter, Live

    reporting.check_options(options)
    request = ContractsRequest(
        **reporting.selection(options),
        allow=options.allow,
        dag_id=options.dag,
        task_id=options.task,
        conf=options.conf,
        examples=EXAMPLES if options.examples is None else options.examples,
        seed=options.seed,
        timeout=options.timeout,
    )
    settings = load_settings(Path.cwd())
    with Counter(sys.stderr) as counter:
        report = prove(settings, request, Live(sys.stderr).progress, counter.count)
    return reporting.tell(report, options)


def _conf(text: str) -> dict[str, object]:
    """Return a conf.

    Raises:
        ArgumentTypeError: it is no JSON object.
    """
    try:
        conf = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise argparse.ArgumentTypeError(
            f"expected a JSON object, and it is no JSON: {error}"
        ) from None
    if not isinstance(conf, dict):
        raise argparse.ArgumentTypeError(f"expected a JSON object, not {text}")
    return conf


def _examples(text: str) -> int:
    """Return a number of examples.

    Raises:
        ArgumentTypeError: it is none.
    """
    if not text.isdecimal() or int(text) > _MOST_EXAMPLES:
        raise argparse.ArgumentTypeError(
            f"expected a number from 0 to {_MOST_EXAMPLES}, not {text!r}"
        )
    return int(text)
