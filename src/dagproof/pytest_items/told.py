"""What is told to the items: findings with those who are asked for them, and what is not known."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from dagproof.model import Finding


@dataclass(frozen=True, slots=True)
class Answer:
    """A finding, and the item that fails by it.

    Attributes:
        finding: with paths as they are shown.
        owner: the path of the DAG file whose it is.
        question: the one that it answers, of those that are asked of a DAG file.
    """

    finding: Finding
    owner: str
    question: str


@dataclass(frozen=True, slots=True)
class Untried:
    """Why the promises of a DAG file were not tried, or not to the end.

    Attributes:
        why: a sentence part.
        by_import: whether its import is to blame, which has an item of its own.
    """

    why: str
    by_import: bool


@dataclass(frozen=True, slots=True)
class Told:
    """What reading, the audit, or the trial of promises had to say.

    Attributes:
        answers: what was found.
        notes: sentences that belong to the whole.
        untried: by the paths of DAG files.
        refusal: why there is nothing to say, one sentence.
    """

    answers: tuple[Answer, ...] = ()
    notes: tuple[str, ...] = ()
    untried: Mapping[str, Untried] = field(default_factory=dict)
    refusal: str = ""
