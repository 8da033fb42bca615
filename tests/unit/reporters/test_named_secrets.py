"""What a name before it calls secret is found, and what only looks like that is left."""

import time

import pytest

from dagproof.reporters.masking import masker


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("password=hunter2 next", "password=*** next"),
        ("DB_PASSWORD: hunter2x, other", "DB_PASSWORD: ***, other"),
        ("PGPASSWORD=abc123 psql", "PGPASSWORD=*** psql"),
        ('{"password": "hunter2", "user": "me"}', '{"password": "***", "user": "me"}'),
        ("{'password': 'hunter2'}", "{'password': '***'}"),
        (r"{\"password\": \"hunter2\"} end", r"{\"password\": \"***\"} end"),
        ("Hook(password='cutoff7…", "Hook(password='***"),
        ("psql --password hunter2 -h x", "psql --password *** -h x"),
        (
            "aws_secret_access_key=wJalrXUtnFEMI/K7MDENG/bPxRfiCY and",
            "aws_secret_access_key=*** and",
        ),
        ("https://h/?token=abcdef1234567890&x=1", "https://h/?token=***&x=1"),
        ("Authorization: Bearer abcdefghijklmnop", "Authorization: Bearer ***"),
        ("'Authorization': 'Basic dXNlcjpwYXNz'", "'Authorization': 'Basic ***'"),
        ("password=hunter2 password=hunter3", "password=*** password=***"),
    ],
)
def test_value_that_its_name_calls_secret_is_masked(text, masked):
    assert masker([])(text) == masked


@pytest.mark.parametrize(
    "text",
    [
        "password: str = field()",
        "password=get_password()",
        "password=os.environ['X']",
        "password=conn.password",
        "password = '{{ conn.x.password }}'",
        "password: must be at least 8",
        "the password hunter2",
        "The value of `password` is written in the file",
        "Invalid token: unexpected EOF",
        "token: Basic auth",
        "cache_key = abcdef1234567890",
        "monkey=banana12345678",
        "max_tokens=4096",
        "bypass=True",
        "secret=/run/secrets/x1",
        "password=airflow",
    ],
)
def test_what_is_no_secret_stays(text):
    assert masker([])(text) == text


@pytest.mark.parametrize("piece", ["key", "password=", "secret_", "token = ", 'key\\"', "--pwd "])
def test_time_is_in_proportion_to_the_text(piece):
    mask = masker([])

    def seconds(number):
        begin = time.process_time()
        mask(piece * number)
        return time.process_time() - begin

    seconds(1_000)
    few, many = min(seconds(2_000) for _ in range(3)), min(seconds(20_000) for _ in range(2))
    assert many < 40 * max(few, 0.001)
