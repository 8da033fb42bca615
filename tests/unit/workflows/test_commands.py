"""What a step writes is read as GitHub's runner reads it."""

import pytest
from actions_runner.commands import Annotation, annotations, settings


def test_an_annotation_has_its_place_and_its_text():
    output = "::error file=dags/a%2Cb.py,line=4,endLine=4,col=9,title=DP102 x::one%0Atwo: 100%25\n"
    assert list(annotations(output)) == [
        Annotation("error", "dags/a,b.py", 4, "one\ntwo: 100%", "DP102 x")
    ]


def test_a_command_without_a_place_belongs_to_the_whole():
    assert list(annotations("::notice::all is well")) == [
        Annotation("notice", "", 0, "all is well", "")
    ]


def test_commands_that_were_stopped_are_text():
    output = "::stop-commands::abc\n::error::no\n::abc::\n::error::yes\n"
    assert [one.message for one in annotations(output)] == ["yes"]


def test_a_command_that_is_not_known_is_an_error():
    with pytest.raises(AssertionError, match="set-output"):
        list(annotations("::set-output name=x::1"))


def test_settings_have_one_line_or_a_block(tmp_path):
    path = tmp_path / "output"
    path.write_text("a=1=2\nb<<END\none\ntwo\nEND\nc=\n")
    assert settings(path) == {"a": "1=2", "b": "one\ntwo", "c": ""}


def test_a_line_that_sets_nothing_is_an_error(tmp_path):
    path = tmp_path / "output"
    path.write_text("nothing\n")
    with pytest.raises(AssertionError, match="no setting"):
        settings(path)
