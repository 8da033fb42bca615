"""Names and numbers that MLflow would refuse are refused at once, in one sentence."""

import numpy as np
import pytest

from mlops import names
from mlops.failures import PermanentError


@pytest.mark.parametrize("read", [names.model, names.alias, names.experiment])
@pytest.mark.parametrize("told", [None, "", "  ", "None"])
def test_nothing_is_no_name(read, told):
    with pytest.raises(PermanentError, match=r"^No \w+ is named; look at the argument"):
        read(told)


@pytest.mark.parametrize("told", ["taxi", "it's", "a b", "taxi-duration.green"])
def test_name_of_a_model_is_taken_as_it_is(told):
    assert names.model(told) == told


@pytest.mark.parametrize("told", ["a/b", "a:b"])
def test_name_that_would_be_an_address_is_no_model(told):
    with pytest.raises(PermanentError, match=f"`{told}` cannot name a model"):
        names.model(told)


@pytest.mark.parametrize("told", ["champion", "v", "3", "v3a", "latest-good", "x" * 255])
def test_alias_is_taken_as_it_is(told):
    assert names.alias(told) == told


@pytest.mark.parametrize("told", ["latest", "Latest", "v3", "V12", "a b", "a@b", "x" * 256])
def test_what_mlflow_refuses_is_no_alias(told):
    with pytest.raises(PermanentError, match=r"cannot be an alias"):
        names.alias(told)


@pytest.mark.parametrize("told", [1, 0.5, np.float32(0.5), np.int64(3), np.float64(2)])
def test_numbers_are_finite(told):
    assert names.is_finite(told)


@pytest.mark.parametrize("told", [True, np.bool_(1), None, "1", float("nan"), np.inf, 1j])
def test_what_is_no_number_is_not_finite(told):
    assert not names.is_finite(told)


def test_fraction_is_no_whole_number():
    assert not names.is_finite(2.0, int)
