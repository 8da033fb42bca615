"""A reader at a terminal: carries out what a page says, in scratch repositories."""

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from unit.docs.blocks import ROOT, Block, Command
from unit.docs.shown import differs

REPOSITORIES = ROOT / "tests" / "fixtures" / "repos"
_OURS = ("AIRFLOW", "AWS_", "MLFLOW_", "DATA_ROOT", "DAGPROOF_", "PYTEST_", "CI", "GITHUB_", "GIT_")
_NAMES = {
    f"GIT_{who}_{what}": given
    for who in ("AUTHOR", "COMMITTER")
    for what, given in (("NAME", "Reader"), ("EMAIL", "reader@example.org"))
}
_LONGEST = 400


@dataclass
class Reader:
    """Somebody who reads one page, and does what it says.

    Attributes:
        home: a folder for all that the reader has.
        cache: of dagproof, for all readers.
        root: the scratch repository of the moment; None before the page names one.
        said: what `export` and `cd` have said in it.
    """

    home: Path
    cache: Path
    root: Path | None = None
    said: list[str] = field(default_factory=list)

    def open(self, name: str) -> None:
        """Begin a scratch repository: `empty`, dagproof's `own`, or one of tests/fixtures/repos."""
        self.said.clear()
        if name == "own":
            self.root = ROOT
            return
        self.root = self.home / name
        shutil.rmtree(self.root, ignore_errors=True)
        if name.startswith("empty"):
            self.root.mkdir(parents=True)
        else:
            shutil.copytree(REPOSITORIES / name, self.root)
        self.run("git init --quiet --initial-branch main")
        self.run("git add --all && git commit --quiet --allow-empty --message 'What there was'")
        self.run("git update-ref refs/remotes/origin/main HEAD")

    def write(self, path: str, text: str) -> None:
        assert self.root not in (None, ROOT), f"{path} belongs to no scratch repository"
        target = self.root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")

    def apply(self, diff: str) -> str:
        """Change files as a diff says; return the complaint, empty for none."""
        done = subprocess.run(
            ["git", "apply", "--unidiff-zero", "--recount", "-"], input=diff, cwd=self.root,
            env=self.environment(), text=True, capture_output=True, check=False,
        )  # fmt: skip
        return done.stderr

    def do(self, command: Command, code: int) -> str:
        """Carry a command out; return what is not as the page says, empty for nothing."""
        if command.text.startswith(("export ", "cd ")):
            self.said.append(command.text)
            return ""
        ended, printed = self.run(command.text)
        complaints = []
        if ended != code:
            complaints.append(f"exit code {ended}, and not {code}; it printed:\n{printed}")
        elif shown := "\n".join(command.shown).strip():
            complaints.append(differs(shown.splitlines(), self.plain(printed)))
        said = f"line {command.line}: $ {command.text}"
        return "\n".join(f"{said}\n{one}" for one in complaints if one)

    def test(self, block: Block) -> str:
        """Run the tests that a block shows; return what they print where one fails."""
        file = self.home / f"test_line_{block.line}.py"
        file.write_text(block.text, encoding="utf-8")
        options = "-q --tb=short -p no:cacheprovider --hypothesis-profile=dagproof"
        settings = f"--rootdir '{self.root}' -c '{self.root}/pyproject.toml' -o addopts="
        code, printed = self.run(f"pytest {options} {settings} {file}")
        passed = f"{len(block.tests)} passed" in printed
        return "" if code == 0 and passed else f"line {block.line}: {printed}"

    def run(self, text: str) -> tuple[int, str]:
        """Return the exit code of a command, and what it printed to both streams."""
        script = "\n".join(["set -o pipefail", *self.said, text])
        process = subprocess.Popen(
            ["bash", "-c", script], cwd=self.root, env=self.environment(), text=True,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            start_new_session=True,
        )  # fmt: skip
        try:
            printed, _ = process.communicate(timeout=_LONGEST)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            raise
        return process.returncode, printed

    def plain(self, printed: str) -> str:
        """Return what was printed, with `/repository` for the scratch repository."""
        return printed.replace(str(self.root), "/repository")

    def environment(self) -> Mapping[str, str]:
        """Return a shell without anything of this test session's."""
        kept = {name: text for name, text in os.environ.items() if not name.startswith(_OURS)}
        programs = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
        own = {"HOME": str(self.home), "PATH": programs, "DAGPROOF_CACHE": str(self.cache)}
        return {**kept, **own, **_NAMES, "GIT_CONFIG_GLOBAL": os.devnull, "COLUMNS": "100"}
