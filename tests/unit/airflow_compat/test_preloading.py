"""Libraries that parsing does without are held off while Airflow is loaded, and no longer."""

import importlib
import sys
from types import ModuleType, SimpleNamespace

import pytest

from dagproof.airflow_compat.preloading import (
    _fast_yaml,
    _held_off,
    _load_without_rich,
    _models_built_later,
    _Nothing,
    preload_named,
)

NAME = "library_that_is_held_off"


@pytest.fixture(autouse=True)
def library(tmp_path, monkeypatch):
    """Write a library that nobody has loaded; return the folder that it lies in."""
    (tmp_path / f"{NAME}.py").write_text("class Base: real = True\n", "utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    importlib.invalidate_caches()
    yield tmp_path
    for name, module in list(sys.modules.items()):
        if str(getattr(module, "__file__", "")).startswith(str(tmp_path)):
            del sys.modules[name]


# Holding off


def test_import_fails_while_a_library_is_held_off():
    with _held_off(NAME, None), pytest.raises(ModuleNotFoundError):
        importlib.import_module(NAME)


def test_import_gives_what_stands_for_a_library_while_it_is_held_off():
    nothing = _Nothing(NAME)
    with _held_off(NAME, nothing):
        assert importlib.import_module(NAME) is nothing


@pytest.mark.parametrize("instead", [None, _Nothing(NAME)], ids=["none", "nothing"])
def test_library_is_imported_afterwards(instead):
    with _held_off(NAME, instead):
        pass

    assert importlib.import_module(NAME).Base.real


@pytest.mark.parametrize("instead", [None, _Nothing(NAME)], ids=["none", "nothing"])
def test_library_is_imported_after_an_exception(instead):
    with pytest.raises(ZeroDivisionError), _held_off(NAME, instead):
        raise ZeroDivisionError

    assert NAME not in sys.modules
    assert importlib.import_module(NAME).Base.real


def test_library_that_is_loaded_stays():
    loaded = importlib.import_module(NAME)
    with _held_off(NAME, None):
        assert importlib.import_module(NAME) is loaded

    assert sys.modules[NAME] is loaded


def test_library_that_is_held_off_already_stays_so():
    with _held_off(NAME, None):
        with _held_off(NAME, _Nothing(NAME)):
            assert sys.modules[NAME] is None
        assert sys.modules[NAME] is None


def test_submodule_is_held_off_with_its_library(library):
    (library / f"{NAME}.py").unlink()
    (library / NAME).mkdir()
    for name in ("__init__", "part"):
        (library / NAME / f"{name}.py").write_text("", "utf-8")
    with _held_off(NAME, None), pytest.raises(ModuleNotFoundError):
        importlib.import_module(f"{NAME}.part")

    assert importlib.import_module(f"{NAME}.part")


# What stands for a library


def test_nothing_has_every_name_as_a_base_class():
    class Visitor(_Nothing(NAME).Visitor):
        pass

    assert Visitor.__mro__ == (Visitor, object)


def test_nothing_gives_every_name_to_an_import():
    names = {}
    with _held_off(NAME, _Nothing(NAME)):
        exec(f"from {NAME} import Visitor, Transformer as Other", names)  # noqa: S102 - it is ours

    assert (names["Visitor"], names["Other"]) == (object, object)


@pytest.mark.parametrize("name", ["__path__", "__file__", "__all__", "__wrapped__"])
def test_nothing_lacks_what_python_asks_for(name):
    with pytest.raises(AttributeError, match=name):
        getattr(_Nothing(NAME), name)


def test_nothing_has_no_submodules():
    with (
        _held_off(NAME, _Nothing(NAME)),
        pytest.raises(ModuleNotFoundError, match="not a package"),
    ):
        importlib.import_module(f"{NAME}.part")


# YAML


def fake_yaml(monkeypatch, **given):
    """Put a module in the place of yaml that tells what it is asked to load with."""
    module = ModuleType("yaml")
    module.safe_load = lambda stream: ("slow", stream)
    module.load = lambda stream, loader: (loader, stream)
    vars(module).update(given)
    monkeypatch.setitem(sys.modules, "yaml", module)
    return module


def test_yaml_is_read_by_the_c_library_meanwhile(monkeypatch):
    yaml = fake_yaml(monkeypatch, CSafeLoader="fast")
    usual = yaml.safe_load
    with _fast_yaml():
        assert yaml.safe_load("a: 1") == ("fast", "a: 1")

    assert yaml.safe_load is usual


def test_yaml_is_read_as_ever_after_an_exception(monkeypatch):
    yaml = fake_yaml(monkeypatch, CSafeLoader="fast")
    usual = yaml.safe_load
    with pytest.raises(ZeroDivisionError), _fast_yaml():
        raise ZeroDivisionError

    assert yaml.safe_load is usual


def test_yaml_without_the_c_library_is_read_as_ever(monkeypatch):
    yaml = fake_yaml(monkeypatch)
    usual = yaml.safe_load
    with _fast_yaml():
        assert yaml.safe_load is usual

    assert yaml.safe_load is usual


def test_exception_without_the_c_library_gets_through(monkeypatch):
    fake_yaml(monkeypatch)
    with pytest.raises(AttributeError, match="of the body"), _fast_yaml():
        raise AttributeError("of the body")


def test_no_yaml_is_survived(monkeypatch):
    monkeypatch.setitem(sys.modules, "yaml", None)
    ran = []
    with _fast_yaml():
        ran.append(True)

    assert ran


def test_yaml_gives_the_same_by_the_c_library():
    yaml = pytest.importorskip("yaml")
    text = "a: [1, 2.5, yes, ~, 2024-01-01]\nb: &x {c: 'ü'}\nd: *x\n"
    usual = yaml.safe_load(text)
    with _fast_yaml():
        assert yaml.safe_load(text) == usual
        with pytest.raises(yaml.YAMLError):
            yaml.safe_load("!!python/object/apply:os.getcwd []")


# Loading by name


@pytest.mark.parametrize(
    "text",
    ["raise ValueError", "import module_that_is_nowhere", "raise SystemExit(1)", "not Python"],
)
def test_module_that_does_not_load_keeps_no_other_from_it(library, text):
    (library / f"{NAME}_broken.py").write_text(text, "utf-8")
    preload_named((f"{NAME}_broken", f"{NAME}_nowhere", NAME))

    assert sys.modules[NAME].Base.real
    assert f"{NAME}_broken" not in sys.modules


def test_interruption_is_not_swallowed(library):
    (library / f"{NAME}_broken.py").write_text("raise KeyboardInterrupt", "utf-8")

    with pytest.raises(KeyboardInterrupt):
        preload_named((f"{NAME}_broken",))


def test_modules_are_loaded_without_rich_and_others_get_it(library, monkeypatch):
    (library / "structlog").mkdir()
    for name in ("structlog/__init__", "rich"):
        (library / f"{name}.py").write_text("", "utf-8")
    (library / "structlog" / "dev.py").write_text(
        "try:\n    import rich\nexcept ImportError:\n    rich = None\n", "utf-8"
    )
    monkeypatch.setitem(sys.modules, "httpx", SimpleNamespace())
    for name in [name for name in sys.modules if name.partition(".")[0] in {"structlog", "rich"}]:
        monkeypatch.delitem(sys.modules, name)
    _load_without_rich()

    assert sys.modules["structlog.dev"].rich is None
    assert importlib.import_module("rich").__file__ == str(library / "rich.py")


def test_models_that_are_made_meanwhile_are_built_when_they_are_used():
    from pydantic import BaseModel

    with _models_built_later():

        class Later(BaseModel):
            number: int

    class AtOnce(BaseModel):
        number: int

    assert (Later.__pydantic_complete__, AtOnce.__pydantic_complete__) == (False, True)
    assert Later(number="7").number == 7
    assert "defer_build" not in BaseModel.model_config


def test_models_are_built_at_once_again_after_an_error():
    from pydantic import BaseModel

    with pytest.raises(LookupError), _models_built_later():
        raise LookupError

    assert "defer_build" not in BaseModel.model_config


def test_pydantic_that_is_not_there_is_survived(monkeypatch):
    monkeypatch.setitem(sys.modules, "pydantic", None)

    with _models_built_later():
        pass
