"""Makes an existing DAG repository one that dagproof proves: settings, hook, workflow, baseline."""

from dagproof.onboarding.deployment import Deployment, deployment_of
from dagproof.onboarding.edits import Edit, Left, carry_out, diff
from dagproof.onboarding.layout import Layout, find_layout
from dagproof.onboarding.plan import Plan, Wishes, make_plan, revised
from dagproof.onboarding.repository import Repository, repository_at

__all__ = [
    "Deployment",
    "Edit",
    "Layout",
    "Left",
    "Plan",
    "Repository",
    "Wishes",
    "carry_out",
    "deployment_of",
    "diff",
    "find_layout",
    "make_plan",
    "repository_at",
    "revised",
]
