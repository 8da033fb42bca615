"""`dagproof services`: servers that stay warm between debugging runs."""

import argparse
import sys
from pathlib import Path
from typing import Final

from dagproof.config import BACKENDS, load_settings
from dagproof.terminal import Live

BACKENDS_HELP: Final = (
    "what stands behind them: servers of this machine, containers, or servers that are there "
    "already; default: `DAGPROOF_SERVICES`, `backend` in pyproject.toml, or embedded"
)


def add(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command to the command line."""
    services = commands.add_parser(
        "services", help="keep services warm between debugging runs"
    ).add_subparsers(title="actions", metavar="ACTION", required=True)
    up = services.add_parser("up", help="start them and print their environment")
    up.set_defaults(command=_services_up)
    down = services.add_parser("down", help="stop them and remove what they held")
    down.set_defaults(command=_services_down)
    images = services.add_parser(
        "images",
        help="build the images of containers that are not there yet, and print their names",
        description=(
            "Builds the images of MLflow and S3 on Python's official one, and says which Postgres "
            "is used. Without a registry, all of them are made from Debian packages and wheels; "
            "that needs root and debootstrap."
        ),
    )
    way = images.add_mutually_exclusive_group()
    way.add_argument(
        "--without-registry", action="store_true", help="also where no image can be pulled"
    )
    way.add_argument("--base", metavar="IMAGE", help="an image with Python 3.11 or newer")
    images.set_defaults(command=_services_images)
    for action in (up, down):
        action.add_argument("--services", choices=BACKENDS, help=BACKENDS_HELP)


def _services_up(options: argparse.Namespace) -> int:
    from dagproof import services
    from dagproof.service_choice import chosen_source, wanted_services

    live = Live(sys.stderr)
    settings = load_settings(Path.cwd())
    source = chosen_source(settings, options.services)
    kind = source.kind()
    wanted = wanted_services(settings, source, live.progress)
    environment = services.up(wanted, kind=kind, progress=live.progress)
    for name, value in sorted(environment.items()):
        print(f"export {name}={_quoted(value)}")
    where = environment.get("MLFLOW_TRACKING_URI", "")
    live.progress(f"Up{where and f', MLflow at {where}'}; `dagproof services down` stops them")
    return 0


def _services_images(options: argparse.Namespace) -> int:
    from dagproof import services

    live = Live(sys.stderr)
    for name in services.images(
        base=options.base, without_registry=options.without_registry, progress=live.progress
    ):
        print(name)
    return 0


def _services_down(options: argparse.Namespace) -> int:
    from dagproof import services
    from dagproof.service_choice import chosen_source

    kind = chosen_source(load_settings(Path.cwd()), options.services).kind()
    print(
        "Services stopped." if services.down(kind=kind) else "No services were up.", file=sys.stderr
    )
    return 0


def _quoted(value: str) -> str:
    import shlex

    return shlex.quote(value)
