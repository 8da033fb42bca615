"""A DAG to explore, and what renders its one template."""

from types import SimpleNamespace

from dagproof.airflow_compat.rendered import Outcome, RenderedTask
from dagproof.contracts.exploration import Exploration
from dagproof.contracts.options import Options


class PythonOperator(SimpleNamespace):
    """Named as the one whose callable returns the XCom."""


class BashOperator(SimpleNamespace):
    """Named as one without a callable."""


def task(task_id="load", kind=BashOperator, **facts):
    return kind(task_id=task_id, template_fields=("cmd",), cmd="{{ x }}", params={}, **facts)


def dag(*tasks):
    return SimpleNamespace(
        dag_id="etl", tasks=tasks, task_ids=[one.task_id for one in tasks], params={}
    )


def number(conf):
    return conf.get("n", 0)


class Renderer:
    """Renders `{{ x }}` for every task: it is `None` where `goes_wrong` says so."""

    goes_wrong = staticmethod(lambda _task_id, _index, _run: False)
    depends = staticmethod(lambda _task_id: True)
    words = staticmethod(lambda _run: "")
    indexes = (-1,)
    names = frozenset({"x"})
    source = "{{ x }}"
    opened = ()
    rendered = ()

    def __init__(self, dag, begin, seconds, skipped):
        type(self).opened = (*self.opened, (dag.dag_id, begin, seconds, skipped))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        pass

    def instances(self, _):
        """Return the map indexes."""
        return self.indexes

    def render(self, task, run, index):
        """Render a task instance."""
        kind = type(self)
        kind.rendered = (*kind.rendered, (task.task_id, index, dict(run.conf), run.logical_date))
        printed = [None] if self.goes_wrong(task.task_id, index, run) else ["a"]
        depends = self.depends(task.task_id)
        value = f"{printed[0]}{kind.words(run)}"
        outcome = Outcome(self.source, is_file=False, native=False, value=value, printed=printed)
        outcome.depends = depends
        return RenderedTask(None, (outcome,))

    def parsed(self, *_):
        """Return nothing to look for names in."""


def nothing(*_):
    """Begin."""


def explored(*tasks, begin=nothing, **options):
    made = Exploration(dag(*tasks), begin, Options(**options))
    return made, list(made.run())


def found(*tasks, **options):
    return [(one.task_id, one.conf) for one in explored(*tasks, **options)[1]]
