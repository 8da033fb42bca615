"""Every noun of the room can be handed to anybody: nobody can change it."""

import dataclasses

import pytest

from dagproof import model

NOUNS = [noun for name in model.__all__ if dataclasses.is_dataclass(noun := getattr(model, name))]


@pytest.mark.parametrize("noun", NOUNS, ids=lambda noun: noun.__name__)
def test_noun_cannot_be_changed(noun):
    one = object.__new__(noun)

    for field in dataclasses.fields(noun):
        with pytest.raises(dataclasses.FrozenInstanceError):
            setattr(one, field.name, None)


@pytest.mark.parametrize("noun", NOUNS, ids=lambda noun: noun.__name__)
def test_noun_takes_no_other_fields(noun):
    assert not hasattr(object.__new__(noun), "__dict__")
