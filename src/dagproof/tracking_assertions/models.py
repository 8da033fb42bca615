"""The model that a run logged and registered: signature, version, alias, whether it loads."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from dagproof import services
from dagproof.tracking_assertions.columns import columns, differing
from dagproof.tracking_assertions.differences import Difference, names, nearest


@dataclass(frozen=True, slots=True)
class ExpectedModel:
    """What is expected of a model; None where nothing is.

    Attributes:
        inputs: the columns of its signature.
        outputs: the columns of its signature.
        logged: the name under which it was logged; `...` for any.
        registered: the registered model that it is a version of.
        version: which; `...` for any.
        alias: that points at that version.
        loads: whether it must load.
    """

    inputs: Any = None
    outputs: Any = None
    logged: Any = None
    registered: str | None = None
    version: Any = None
    alias: str | None = None
    loads: bool = False

    @property
    def asks_for_files(self) -> bool:
        """Whether the files of the model must be read."""
        return self.inputs is not None or self.outputs is not None or self.loads


def differences(client: Any, run: Any, expected: ExpectedModel) -> Iterator[Difference]:
    """Yield where the model of a run is not as expected."""
    if expected == ExpectedModel():
        return
    logged = _logged_by(client, run)
    versions: list[Any] = []
    if expected.registered is not None:
        versions = _versions_of(client, run, expected.registered, logged)
        yield from _version(client, versions, expected)
    if expected.logged is None and not expected.asks_for_files:
        return
    meant = [one for one in versions if str(one.version) == str(expected.version)] or versions
    chosen = _chosen(logged, meant, expected)
    known = {one.name for one in chosen}
    if len(known) > 1 and expected.asks_for_files:
        note = "say which by `logged_model=`"
        yield Difference("logged model", "", "one", f"several: {names(list(known))}", note)
    elif chosen:
        yield from _files(client, str(chosen[-1].artifact_location), expected)
    elif meant and expected.logged is None:  # of MLflow 2, where a model is a folder of its run
        yield from _files(client, str(meant[-1].source), expected)
    else:
        yield _not_logged(logged, expected)


def _chosen(logged: list[Any], meant: list[Any], expected: ExpectedModel) -> list[Any]:
    """Return the logged models that can be the one that is expected."""
    model_id = _model_id(meant[-1]) if meant else ""
    by_version = [one for one in logged if one.model_id == model_id] if meant else logged
    by_name = isinstance(expected.logged, str)
    return [one for one in by_version if not by_name or one.name == expected.logged]


def _not_logged(logged: list[Any], expected: ExpectedModel) -> Difference:
    there = sorted({one.name for one in logged})
    name = expected.logged if isinstance(expected.logged, str) else ""
    meant = nearest(name, there) if name else ""
    note = f"did you mean `{meant}`?" if meant else ""
    return Difference("logged model", "", name or "any", names(there) or "none", note)


def _files(client: Any, location: str, expected: ExpectedModel) -> Iterator[Difference]:
    if not expected.asks_for_files:
        return
    inputs, outputs = services.model_signature(client, location)
    if expected.inputs is not None:
        yield from differing("inputs of the model", expected.inputs, columns(inputs))
    if expected.outputs is not None:
        yield from differing("outputs of the model", expected.outputs, columns(outputs))
    if expected.loads and (trouble := services.model_trouble(client, location)):
        yield Difference("model", "", "loads", trouble)


def _version(client: Any, versions: list[Any], expected: ExpectedModel) -> Iterator[Difference]:
    name = str(expected.registered)
    group = f"registered model {name}"
    own = [str(one.version) for one in versions]
    registered = {one.name: one for one in client.search_registered_models(max_results=1000)}
    if name not in registered:
        meant = nearest(name, list(registered))
        note = f"did you mean `{meant}`?" if meant else ""
        there = names(list(registered)) or "none"
        yield Difference("registered model", "", name, there, note)
        return
    if not own:
        others = client.search_model_versions(f"name = {_quoted(name)}")
        told = [f"{one.version} of run {one.run_id or 'unknown'}" for one in others]
        yield Difference(group, "version", "of this run", ", ".join(sorted(told)) or "none")
    elif expected.version is not None and expected.version is not ...:
        if str(expected.version) not in own:
            yield Difference(group, "version", str(expected.version), ", ".join(own))
        else:
            own = [str(expected.version)]
    aliases = {alias: str(number) for alias, number in dict(registered[name].aliases).items()}
    if expected.alias is not None and aliases.get(expected.alias) not in own:
        meant = "" if expected.alias in aliases else nearest(expected.alias, list(aliases))
        yield Difference(
            group,
            f"alias {expected.alias}",
            f"version {' or '.join(own)}" if own else "the version of this run",
            f"version {aliases[expected.alias]}" if expected.alias in aliases else "no version",
            f"did you mean `{meant}`?" if meant else "",
        )


def _versions_of(client: Any, run: Any, name: str, logged: list[Any]) -> list[Any]:
    """Return the versions of a registered model that come from a run, the newest last."""
    ids = {one.model_id for one in logged}
    found = client.search_model_versions(f"name = {_quoted(name)}", max_results=1000)
    own = (one for one in found if one.run_id == run.info.run_id or _model_id(one) in ids)
    return sorted(own, key=lambda one: int(one.version))


def _logged_by(client: Any, run: Any) -> list[Any]:
    """Return the models that a run logged, the newest last."""
    source = f"source_run_id = '{run.info.run_id}'"
    found = client.search_logged_models([run.info.experiment_id], source, max_results=1000)
    return sorted(found, key=lambda one: int(one.creation_timestamp))


def _model_id(version: Any) -> str:
    source = str(version.source)
    return source.removeprefix("models:/") if source.startswith("models:/m-") else ""


def _quoted(text: str) -> str:
    """Quote a text for MLflow's filters, which know no escapes."""
    return f'"{text}"' if "'" in text else f"'{text}'"
