"""What is to be written, and why: made by reading alone."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from dagproof.onboarding.deployment import Deployment, deployment_of
from dagproof.onboarding.edits import Edit, Left
from dagproof.onboarding.hook import hook_part
from dagproof.onboarding.ignored import ignored_part
from dagproof.onboarding.layout import Layout, find_layout
from dagproof.onboarding.origin import origin
from dagproof.onboarding.repository import Repository, repository_at
from dagproof.onboarding.runs import Candidate, candidates, chosen_again
from dagproof.onboarding.settings_file import BASELINE, settings_again, settings_part
from dagproof.onboarding.workflow import workflow_part


@dataclass(frozen=True, slots=True)
class Wishes:
    """What the user wants.

    Attributes:
        dags: folders that the user names; none to look for them.
        baseline: whether what is found today is held back.
        workflow: whether GitHub asks dagproof.
        hook: whether pre-commit asks dagproof.
    """

    dags: Sequence[Path] = ()
    baseline: bool = True
    workflow: bool = True
    hook: bool = True


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be done.

    Attributes:
        repository: to set up.
        layout: where its DAGs are.
        deployment: where it runs.
        runs: the DAGs that are run, and some that are offered.
        parts: the files, in the order in which they are written.
        baseline: the file of known findings, where it is to be made; None where it is not.
        wishes: what the user wants.
    """

    repository: Repository
    layout: Layout
    deployment: Deployment
    runs: tuple[Candidate, ...]
    parts: tuple[Edit | Left, ...]
    baseline: Path | None
    wishes: Wishes

    @property
    def chosen(self) -> tuple[str, ...]:
        """The ids of the DAGs that are run, where the settings are ours to say so."""
        ours = isinstance(self.parts[0], Edit)
        return tuple(one.dag_id for one in self.runs if ours and not one.why_not)

    @property
    def edits(self) -> tuple[Edit, ...]:
        """The files that are written."""
        return tuple(part for part in self.parts if isinstance(part, Edit))

    @property
    def left(self) -> tuple[Left, ...]:
        """The files that are left as they are."""
        return tuple(part for part in self.parts if isinstance(part, Left))


def make_plan(start: Path, wishes: Wishes, *, airflow: bool) -> Plan:
    """Read a repository and say what is to be written.

    Args:
        start: absolute; the folder in which the user stands.
        wishes: what the user wants.
        airflow: whether a supported Airflow is installed here.

    Raises:
        UsageError: a named folder is not there.
        UnavailableError: there is no file that makes a DAG.
    """
    repository = repository_at(start)
    root = repository.root
    layout = find_layout(root, wishes.dags)
    deployment = deployment_of(root, layout.dags)
    runs = candidates(layout, root, airflow=airflow) if deployment.supported else ()
    source = origin()
    parts = [settings_part(repository, layout, runs, baseline=wishes.baseline)]
    if wishes.hook:
        parts.append(hook_part(repository, source))
    if wishes.workflow:
        parts.append(workflow_part(repository, deployment, source))
    parts.append(ignored_part(repository))
    known = root / BASELINE
    makes = wishes.baseline and isinstance(parts[0], Edit) and not known.exists()
    return Plan(
        repository, layout, deployment, runs, tuple(parts), known if makes else None, wishes
    )


def revised(plan: Plan, why_not: Callable[[str], str]) -> tuple[Plan, Edit | None]:
    """Return a plan that was carried out, and what to write when more is known of its DAGs.

    Args:
        plan: whose settings have been written.
        why_not: says why a DAG is not to be run, empty where nothing is against it.

    Returns:
        The plan with the runs that are left, and the edit of the settings; None where they stay.
    """
    first = plan.parts[0]
    runs = chosen_again(plan.runs, why_not)
    if runs == plan.runs or not isinstance(first, Edit):
        return plan, None
    edit = settings_again(first, plan.repository, plan.layout, runs, baseline=plan.wishes.baseline)
    return replace(plan, runs=runs), edit
