"""A DAG is found by id or by file, and as few files as possible are imported."""

from pathlib import Path
from types import SimpleNamespace

import pytest

from dagproof.airflow_compat import dagbag, triggers
from dagproof.airflow_compat.dagbag import LoadedFile
from dagproof.model import UsageError
from dagproof.runner import BrokenDagError, find_dag, find_targets


class _Repository:
    """A dags folder whose files "define" what the test says; remembers what was imported."""

    def __init__(self, root):
        self.root = root
        self.files = {}
        self.imported = []
        self.import_roots = []

    def add(self, name, text="", dags=(), error=None):
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        self.files[path] = LoadedFile(path, {dag: f"DAG {dag} of {name}" for dag in dags}, error)
        return path

    def load_file(self, path, import_root):
        self.imported.append(path.relative_to(self.root).as_posix())
        self.import_roots.append(import_root)
        return self.files.get(path, LoadedFile(path, {}, None))

    def find(self, wanted):
        return find_dag(wanted, [self.root])


@pytest.fixture
def repository(tmp_path, monkeypatch):
    made = _Repository(tmp_path / "dags")
    made.root.mkdir()
    monkeypatch.setattr(dagbag, "load_file", made.load_file)
    return made


def test_only_the_file_that_mentions_the_id_is_imported(repository):
    repository.add("a.py", "other", ["other"])
    repository.add("b.py", 'DAG("taxi")', ["taxi"])
    repository.add("c.py", "", ["third"])

    assert repository.find("taxi") == "DAG taxi of b.py"
    assert repository.imported == ["b.py"]


@pytest.mark.parametrize("quote", ["'", '"'])
def test_id_in_quotes_goes_before_a_bare_mention(repository, quote):
    repository.add("a.py", "# see taxi", [])
    repository.add("b.py", f"DAG({quote}taxi{quote})", ["taxi"])

    repository.find("taxi")

    assert repository.imported == ["b.py"]


def test_bare_mention_goes_before_no_mention(repository):
    repository.add("a.py", "", [])
    repository.add("b.py", "def taxi(): ...", ["taxi"])

    repository.find("taxi")

    assert repository.imported == ["b.py"]


def test_id_that_no_file_mentions_is_still_found(repository):
    repository.add("a.py", "", ["other"])
    repository.add("b.py", "", ["made_up_of_parts"])

    assert repository.find("made_up_of_parts") == "DAG made_up_of_parts of b.py"
    assert repository.imported == ["a.py", "b.py"]


def test_dots_in_an_id_are_no_wildcards(repository):
    repository.add("a.py", '"teamXtaxi"', [])
    repository.add("b.py", '"team.taxi"', ["team.taxi"])

    repository.find("team.taxi")

    assert repository.imported == ["b.py"]


def test_compiled_and_other_files_are_not_looked_at(repository):
    repository.add("__pycache__/a.py", '"taxi"', [])
    repository.add("notes.txt", '"taxi"', [])
    (repository.root / "folder.py").mkdir()
    (repository.root / "dangling.py").symlink_to(repository.root / "nowhere")
    repository.add("z/b.py", '"taxi"', ["taxi"])

    repository.find("taxi")

    assert repository.imported == ["z/b.py"]


def test_unreadable_file_does_not_end_the_search(repository, monkeypatch):
    locked = repository.add("a.py", '"taxi"', [])
    repository.add("b.py", '"taxi"', ["taxi"])
    read = Path.read_bytes

    def read_bytes(path):
        if path == locked:
            raise PermissionError(13, "Permission denied")
        return read(path)

    monkeypatch.setattr(Path, "read_bytes", read_bytes)

    assert repository.find("taxi") == "DAG taxi of b.py"
    assert repository.imported == ["b.py"]


def test_second_dags_folder_is_looked_at_too(repository, tmp_path):
    repository.root = tmp_path
    repository.add("more/b.py", '"taxi"', ["taxi"])

    assert find_dag("taxi", [tmp_path / "dags", tmp_path / "more"]) == "DAG taxi of more/b.py"
    assert repository.import_roots == [tmp_path / "more"]


def test_nearest_ids_are_offered(repository):
    repository.add("a.py", "", ["mlops_taxi_dag", "ml_training_pipeline"])

    with pytest.raises(UsageError) as caught:
        repository.find("mlops_taxi")

    assert str(caught.value) == (
        f"No DAG `mlops_taxi` in {repository.root}. Did you mean `mlops_taxi_dag`?"
    )


def test_several_near_ids_are_joined_by_or(repository):
    repository.add("a.py", "", ["taxi_1", "taxi_2", "zebra"])

    with pytest.raises(UsageError, match=r"Did you mean `taxi_[12]` or `taxi_[12]`\?$"):
        repository.find("taxi_3")


def test_without_a_near_id_the_first_ten_are_listed_in_order(repository):
    repository.add("a.py", "", [f"d{number:02d}" for number in reversed(range(12))])

    with pytest.raises(UsageError, match=r"There are: `d00`, `d01`, .*`d09`\.$"):
        repository.find("unlike_any")


def test_repository_without_dags_says_so(repository):
    with pytest.raises(UsageError, match=r"It defines none\.$"):
        repository.find("taxi")


def test_broken_file_that_mentions_the_id_is_to_blame(repository):
    path = repository.add("a.py", '"taxi"', [], error="Traceback\n  …\nNameError: x\n")

    with pytest.raises(BrokenDagError) as caught:
        repository.find("taxi")

    assert str(caught.value) == (
        f"{path} does not import: NameError: x\n\nTraceback\n  …\nNameError: x"
    )
    assert caught.value.exit_code == 1


def test_broken_file_that_does_not_mention_the_id_is_not_to_blame(repository):
    repository.add("a.py", "", [], error="NameError: x")

    with pytest.raises(UsageError, match="No DAG `taxi`"):
        repository.find("taxi")


def test_good_file_behind_a_broken_one_is_found(repository):
    repository.add("a.py", '"taxi"', [], error="NameError: x")
    repository.add("b.py", '"taxi"', ["taxi"])

    assert repository.find("taxi") == "DAG taxi of b.py"


def test_file_with_an_error_and_the_dag_gives_the_dag(repository):
    repository.add("a.py", '"taxi"', ["taxi"], error="another DAG of the file is a cycle")

    assert repository.find("taxi") == "DAG taxi of a.py"


def test_file_gives_its_only_dag(repository):
    path = repository.add("a.py", "", ["taxi"])

    assert repository.find(str(path)) == "DAG taxi of a.py"


def test_file_is_found_from_the_working_directory(repository, monkeypatch):
    repository.add("sub/a.py", "", ["taxi"])
    monkeypatch.chdir(repository.root / "sub")

    assert repository.find("a.py") == "DAG taxi of sub/a.py"


def test_file_of_a_dags_folder_is_imported_with_that_folder_as_root(repository):
    repository.find(str(repository.add("sub/a.py", "", ["taxi"])))

    assert repository.import_roots == [repository.root]


def test_file_outside_is_imported_with_its_own_folder_as_root(repository, tmp_path):
    outside = tmp_path / "lab"
    repository.root = tmp_path
    find_dag(str(repository.add("lab/a.py", "", ["taxi"])), [tmp_path / "dags"])

    assert repository.import_roots == [outside]


def test_file_without_a_dag_is_refused(repository):
    path = repository.add("a.py")

    with pytest.raises(UsageError) as caught:
        repository.find(str(path))
    assert str(caught.value) == f"{path} defines no DAG."


def test_file_with_several_dags_lists_them_in_order(repository):
    path = repository.add("a.py", "", ["b", "a"])

    with pytest.raises(UsageError) as caught:
        repository.find(str(path))
    assert str(caught.value) == f"{path} defines several DAGs; name one of them: `a`, `b`."


def test_broken_file_is_refused_with_its_traceback(repository):
    path = repository.add("a.py", "", ["taxi"], error="Traceback\nNameError: x")

    with pytest.raises(BrokenDagError, match=r"does not import: NameError: x\n\nTraceback"):
        repository.find(str(path))


@pytest.mark.parametrize("name", ["missing.py", "folder.py"])
def test_path_that_is_no_file_is_refused(repository, name):
    (repository.root / "folder.py").mkdir()

    with pytest.raises(UsageError, match=rf"^There is no file .*{name}\.$"):
        repository.find(str(repository.root / name))
    assert repository.imported == []


@pytest.fixture
def monitor(repository, monkeypatch):
    """A DAG, and what its tasks trigger as the test says."""
    made = SimpleNamespace(fileloc=str(repository.root / "monitor.py"), targets=())
    monkeypatch.setattr(triggers, "trigger_targets", lambda dag: dag.targets)
    return made


def add_dags(repository, name, *dag_ids, error=None):
    path = repository.add(name, " ".join(map(repr, dag_ids)), error=error)
    dags = {dag_id: SimpleNamespace(fileloc=str(path)) for dag_id in dag_ids}
    repository.files[path] = LoadedFile(path, {} if error else dags, error)
    return path


def test_dags_that_are_triggered_are_found_by_their_files(repository, monitor):
    first = add_dags(repository, "a.py", "train", "report")
    second = add_dags(repository, "b.py", "serve")
    monitor.targets = ("report", "serve", "train")

    assert find_targets(monitor, [repository.root]) == (first, second)


def test_dag_that_triggers_one_of_its_own_file_needs_no_other(repository, monitor):
    add_dags(repository, "monitor.py", "monitor")
    monitor.targets = ("monitor",)

    assert find_targets(monitor, [repository.root]) == ()


def test_dags_that_are_not_there_or_broken_are_left_to_airflow(repository, monitor):
    add_dags(repository, "broken.py", "broken", error="NameError: x")
    last = add_dags(repository, "c.py", "there")
    monitor.targets = ("absent", "broken", "there")

    assert find_targets(monitor, [repository.root]) == (last,)
