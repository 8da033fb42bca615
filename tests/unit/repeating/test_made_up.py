"""Parts of names that look made up become stars."""

import pytest

from dagproof.repeating.made_up import likeness, pattern


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("s3://b/exports/0b9c6e1e-54a3-4d2f-9a55-3c1f0e0d9b11.csv", "s3://b/exports/*.csv"),
        ("s3://b/1c9e1c9e", "s3://b/*"),
        ("s3://b/2026-11-26T03:24:01.123456+00:00.json", "s3://b/*.json"),
        ("s3://b/20261126T032401Z.json", "s3://b/*.json"),
        ("s3://b/part-00012", "s3://b/part-*"),
        ("file:tmpab12cd34.txt", "file:*.txt"),
        ("s3://dagproof-data/taxi/green/run.json", "s3://dagproof-data/taxi/green/run.json"),
        ("public.trips", "public.trips"),
        ("s3://b/facade/decade", "s3://b/facade/decade"),
    ],
)
def test_only_what_looks_made_up_becomes_a_star(name, expected):
    assert pattern(name) == expected


def test_likeness_has_a_star_only_for_what_differs():
    assert likeness(["s3://b/1/part-7.csv", "s3://b/1/part-8.csv"]) == "s3://b/1/part-*.csv"
    assert likeness(["s3://b/1/part-7.csv"]) == "s3://b/1/part-7.csv"
    assert likeness(["s3://b/x", "s3://b/x"]) == "s3://b/x"
