"""What a repository says about itself, as it counts."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from dagproof.model import Containers

SERVICES: Final = ("postgres", "mlflow", "s3")
BACKENDS: Final = ("embedded", "containers", "external")
DEFAULT_TIMEOUT: Final = 1800.0


@dataclass(frozen=True, slots=True)
class ConfiguredRun:
    """One entry of `[[tool.dagproof.runs]]`.

    Attributes:
        dag: a DAG id, or the path of a DAG file.
        conf: of the run.
        stubs: return values by task id, in place of executing the task.
    """

    dag: str
    conf: Mapping[str, object] = field(default_factory=dict)
    stubs: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Budgets:
    """What the import of one DAG file, and one XCom value, may take.

    Attributes:
        import_seconds: of processor time.
        import_timeout: seconds on the clock, after which it is ended.
        import_memory: megabytes beside those that Airflow takes.
        import_growth: seconds of processor time that a change may add.
        xcom_size: kilobytes of one XCom value, as it is stored.
    """

    import_seconds: float = 1.0
    import_timeout: float = 30.0
    import_memory: float = 2048.0
    import_growth: float = 0.2
    xcom_size: float = 1024.0


@dataclass(frozen=True, slots=True)
class Settings:
    """What a repository says about itself.

    Attributes:
        root: the folder of pyproject.toml, else the working directory.
        dags: absolute dags folders; the first is Airflow's `dags_folder`.
        plugins: absolute plugins folder, or None where the repository has none.
        env: environment variables for every run.
        services: which of `SERVICES` a run needs; None for those whose packages are installed.
        backend: which of `BACKENDS` stands behind them.
        containers: what those in containers are started from.
        pythonpath: absolute folders that the DAGs import from, beside the dags folder.
        runs: what `dagproof run` runs when no DAG is named.
        timeout: seconds after which the watchdog ends a run.
        select: words that name the rules to look for; none for those that are on.
        extend_select: words that name rules to look for beside those.
        ignore: words that name the rules not to look for.
        per_file_ignores: words that name rules by glob, for the findings that a file may have.
        severity: `error`, `warning` or `note` by word that names a rule.
        exclude: globs of what is not read, relative to `root`.
        baseline: absolute file of known findings; it need not be there.
        manifests: globs of the files that declare pools, connections and variables, relative to
            `root`.
        allow: what an audited import may really do, such as `network:rates.test`; MLflow in a run
            may write to hosts that stand there, too.
        budgets: what an audited import, and an XCom value, may take.
        pure: patterns of `dag_id.task_id` whose callables `dagproof contracts` may call.
        xcoms: example values of tasks, by `dag_id.task_id`.
        repeatable_except: globs of what may differ when a DAG is run again, such as
            `table:public.audit_log`.
        declared: whether the file has a `[tool.dagproof]` table at all.
    """

    root: Path
    dags: tuple[Path, ...]
    plugins: Path | None = None
    env: Mapping[str, str] = field(default_factory=dict)
    services: tuple[str, ...] | None = None
    backend: str = "embedded"
    containers: Containers = field(default_factory=Containers)
    pythonpath: tuple[Path, ...] = ()
    runs: tuple[ConfiguredRun, ...] = ()
    timeout: float = DEFAULT_TIMEOUT
    select: tuple[str, ...] = ()
    extend_select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    per_file_ignores: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    severity: Mapping[str, str] = field(default_factory=dict)
    exclude: tuple[str, ...] = ()
    baseline: Path | None = None
    manifests: tuple[str, ...] = ()
    allow: tuple[str, ...] = ()
    budgets: Budgets = Budgets()
    pure: tuple[str, ...] = ()
    xcoms: Mapping[str, tuple[object, ...]] = field(default_factory=dict)
    repeatable_except: tuple[str, ...] = ()
    declared: bool = False

    def without_dags(
        self, folders: Iterable[Path | str], way: str = "Start dagproof in a DAG repository"
    ) -> str:
        """Return the sentence that a dags folder is not there, and what to do.

        Args:
            folders: that are not there, as they are shown.
            way: what else than naming them helps.
        """
        finds = "" if self.declared else "; `dagproof init` finds them"
        return (
            f"There is no dags folder at {', '.join(map(str, folders))}. {way}, or name "
            f"the folders as `dags` under [tool.dagproof] in pyproject.toml{finds}."
        )
