"""Columns of signatures and datasets."""

import json
from enum import Enum
from types import SimpleNamespace

import pytest

from dagproof.tracking_assertions.columns import columns, dataset_columns, differing
from dagproof.tracking_assertions.differences import rendered

HOUR = {"type": "double", "name": "hour", "required": True}
ZONE = {"type": "long", "name": "zone", "required": False}
UNNAMED = {"type": "double", "required": True}
TENSOR = {"type": "tensor", "tensor-spec": {"dtype": "float64", "shape": [-1, 4]}}
LIST = {"type": "array", "items": {"type": "long"}, "name": "tags", "required": True}


class DataType(Enum):
    """As MLflow's enum is named."""

    double = 1
    long = 2


def lines(expected, *schema):
    return rendered(list(differing("inputs", expected, columns(schema))))


@pytest.mark.parametrize(
    ("column", "kind"),
    [
        (HOUR, {"hour": "double"}),
        (ZONE, {"zone": "long (optional)"}),
        (UNNAMED, {"0": "double"}),
        (TENSOR, {"0": "float64[-1, 4]"}),
        (LIST, {"tags": '{"items": {"type": "long"}, "type": "array"}'}),
    ],
)
def test_columns_have_names_and_types(column, kind):
    assert columns([column]) == kind


@pytest.mark.parametrize(
    ("schema", "found"),
    [
        (None, {}),
        (json.dumps({"mlflow_colspec": [HOUR]}), {"hour": "double"}),
        (
            json.dumps({"mlflow_tensorspec": {"features": json.dumps([TENSOR])}}),
            {"0": "float64[-1, 4]"},
        ),
        (json.dumps({"mlflow_tensorspec": {"features": [TENSOR]}}), {"0": "float64[-1, 4]"}),
        (json.dumps({"of_another_kind": 1}), {}),
    ],
)
def test_columns_of_a_dataset_are_in_its_schema(schema, found):
    assert dataset_columns(schema) == found


@pytest.mark.parametrize(
    ("expected", "schema"),
    [
        (True, [HOUR]),
        (..., [HOUR]),
        (["hour", "zone"], [HOUR, ZONE]),
        ({"zone": "long (optional)", "hour": "double"}, [HOUR, ZONE]),
        ({"hour": DataType.double, "zone": ...}, [HOUR, ZONE]),
        (SimpleNamespace(to_dict=lambda: [HOUR, ZONE]), [HOUR, ZONE]),
        ("double", [UNNAMED]),
        ([DataType.double, "float64[-1, 4]"], [UNNAMED, TENSOR]),
        ({0: "double"}, [UNNAMED]),
        ("hour", [HOUR]),
    ],
)
def test_columns_are_as_expected(expected, schema):
    assert lines(expected, *schema) == ""


@pytest.mark.parametrize(
    ("expected", "schema", "told"),
    [
        (True, [], "    - columns\n    + none"),
        (["hour"], [], "    - hour\n    + none"),
        (["zone", "hour"], [HOUR, ZONE], "    - zone, hour\n    + hour, zone   (in another order)"),
        (["hour"], [HOUR, ZONE], "    - hour\n    + hour, zone"),
        ({"hour": "long"}, [HOUR], "    - hour: long\n    + hour: double"),
        ({"hour": ...}, [HOUR, ZONE], "    + zone: long (optional)   (not expected)"),
        ("long", [UNNAMED], "    - 0: long\n    + 0: double"),
        (["double", "long"], [UNNAMED], "    - 1: long   (not logged; there are `0`)"),
    ],
)
def test_columns_are_otherwise(expected, schema, told):
    assert lines(expected, *schema) == f"  inputs\n{told}"
