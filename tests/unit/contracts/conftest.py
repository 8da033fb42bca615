"""What knows callables, and the surroundings of an exploration, without Airflow."""

from types import SimpleNamespace

import pytest
from exploring import Renderer, number
from hypothesis import strategies as st

from dagproof.airflow_compat.params import Refusal
from dagproof.contracts import exploration as module
from dagproof.contracts.broken import Broken
from dagproof.contracts.casts import Callables


@pytest.fixture
def callables():
    """Make what knows callables; `said` is what it could not prove, `begun` what it called."""

    def make(*, pure=False, seconds=1.0, may_begin=True):
        said, begun = [], []
        made = Callables(
            lambda _: pure,
            seconds,
            lambda task_id: begun.append(task_id) or may_begin,
            lambda *all_of_it: said.append(all_of_it),
        )
        made.said, made.begun = said, begun
        return made

    return make


@pytest.fixture
def world(monkeypatch):
    """What surrounds an exploration: confs, what refuses them, what renders."""
    renderer = type("Fake", (Renderer,), {})
    world = SimpleNamespace(
        renderer=renderer,
        confs=[],
        refused=lambda conf: False,
        params=[],
        broken_params=[],
        promised=[],
        asset=False,
        strategy=lambda params: st.fixed_dictionaries({"n": st.integers(0, 50)}),
        asked=[],
    )

    def answer(conf):
        world.asked.append(dict(conf))
        if world.refused(conf):
            return Refusal("n", "too much", ValueError("too much"))
        return {"n": number(conf)}

    def cases(params, examples, seed):
        world.cases = (params, examples, seed)
        return [SimpleNamespace(conf=conf, allowed=allowed) for conf, allowed in world.confs]

    def broken_params(dag, examples, seed):
        world.of_params = (dag.dag_id, examples, seed)
        return iter(world.broken_params)

    def broken_promises(dag_id, task_id, function, **options):
        options.pop("on_value")(7)
        world.promised.append((dag_id, task_id, function, options))
        yield Broken("lossy-xcom", task_id)

    def strategy(chosen):
        world.chosen = [one.name for one in chosen]
        return world.strategy(chosen)

    monkeypatch.setattr(module, "Renderer", renderer)
    monkeypatch.setattr(module, "gate", lambda _: answer)
    monkeypatch.setattr(module, "declared_params", lambda _: world.params)
    monkeypatch.setattr(module, "cases", cases)
    monkeypatch.setattr(module, "broken_params", broken_params)
    monkeypatch.setattr(module, "broken_promises", broken_promises)
    monkeypatch.setattr(module, "conf_strategy", strategy)
    monkeypatch.setattr(module, "is_asset_triggered", lambda _: world.asset)
    return world
