"""Copies of the parity repositories, with what is not committed: archives, links, odd bytes."""

import shutil
import zipfile
from pathlib import Path

import pytest

FIXTURES = Path(__file__).parents[2] / "fixtures" / "repos" / "parity"
LINKS = {
    "styles/dags/linked.py": "../shared/linked.py",
    "styles/dags/linked_folder": "../shared/folder",
    "styles/dags/dangling.py": "nowhere.py",
    "refused/dags/folder/thrice_linked.py": "thrice.py",
}
HEAD = '"""airflow dag"""\nfrom airflow.sdk import DAG\n'


@pytest.fixture(scope="session")
def parity_repository(tmp_path_factory):
    """Copy the repository of a name to a folder of its own; return its root."""

    def copy(name):
        root = tmp_path_factory.mktemp("parity") / name
        shutil.copytree(FIXTURES / name, root)
        for link, to in LINKS.items():
            if link.startswith(f"{name}/"):
                (root.parent / link).symlink_to(to)
        if (root / "src").is_dir():
            zip_folders(root / "src", root / "dags")
        if name == "broken":
            write_bytes(root / "dags")
        return root

    return copy


def zip_folders(sources, dags):
    for folder in sorted(sources.iterdir()):
        with zipfile.ZipFile(dags / f"{folder.name}.zip", "w") as archive:
            for path in sorted(folder.rglob("*")):
                archive.write(path, path.relative_to(folder))
    with zipfile.ZipFile(dags / "empty.zip", "w"):
        pass
    shutil.copy(dags / "unsuffixed.zip", dags / "unsuffixed")
    (dags / "unsuffixed.zip").unlink()
    (dags / "no_archive.zip").write_text("an airflow dag in a text\n", encoding="utf-8")


def write_bytes(dags):
    block = 'with DAG("{}", description="Größe"): pass\n'
    contents = {
        "nul.py": f'{HEAD}x = "\0"\n'.encode(),
        "latin1.py": (HEAD + block.format("latin1")).encode("latin-1"),
        "latin1_cookie.py": ("# coding: latin-1\n" + HEAD + block.format("latin1_cookie")).encode(
            "latin-1"
        ),
        "bom.py": (HEAD + block.format("bom")).encode("utf-8-sig"),
        "utf16.py": HEAD.encode("utf-16") + b"# an airflow dag",
        "carriage_returns.py": (HEAD + block.format("cr")).replace("\n", "\r").encode(),
    }
    for name, data in contents.items():
        (dags / name).write_bytes(data)
