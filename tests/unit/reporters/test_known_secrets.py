"""Which environment variables hold secrets."""

import base64
import json

import pytest

from dagproof.reporters.known_secrets import TRIVIAL, known_secrets

VALUE = "s3cr3t-value"


@pytest.mark.parametrize(
    "name",
    [
        "PASSWORD", "PGPASSWORD", "DB_PASSWD", "MY_SECRET", "GITHUB_TOKEN", "API_KEY", "APIKEY",
        "OPENAI_API_KEY", "KEY", "STORAGE_KEY", "FERNET_KEY", "AIRFLOW__CORE__FERNET_KEY",
        "AWS_SECRET_ACCESS_KEY", "AZURE_CREDENTIALS", "SENTRY_DSN", "AIRFLOW_VAR_API_TOKEN",
        "ACTIONS_RUNTIME_TOKEN", "airflow_var_password", "MLFLOW_TRACKING_PASSWORD", "DB_PASS",
        "AIRFLOW__API_AUTH__JWT_SECRET", "SSH_PASSPHRASE", "SLACK_WEBHOOK", "accessKey", "myKey",
        "x-api-key",
    ],
)  # fmt: skip
def test_name_says_that_it_is_secret(name):
    assert VALUE in known_secrets({name: VALUE})


@pytest.mark.parametrize(
    "name",
    [
        "KEYBOARD", "KEYBOARD_LAYOUT", "PUBLIC_KEY", "SSH_PUBLIC_KEY", "AWS_ACCESS_KEY_ID", "PWD",
        "OLDPWD", "MONKEY", "HOME", "TOKEN_URL", "PASSWORD_FILE", "SECRET_NAME", "PATH", "AUTHOR",
        "AIRFLOW__SECRETS__BACKEND", "SSH_AUTH_SOCK", "GIT_AUTHOR_NAME", "PASSED", "COMPASS",
        "AIRFLOW__CORE__FERNET_KEY_CMD", "TOKENIZERS_PARALLELISM_MODE", "BYPASS",
    ],
)  # fmt: skip
def test_name_of_something_else_is_no_secret(name):
    assert known_secrets({name: VALUE}) == frozenset()


@pytest.mark.parametrize("value", ["", "short", "true", "dagproof", "Airflow", "success", "     "])
def test_short_and_trivial_values_are_no_secrets(value):
    assert known_secrets({"API_TOKEN": value}) == frozenset()


def test_password_of_our_own_services_is_trivial():
    from dagproof.services.addresses import SECRET

    assert SECRET in TRIVIAL


def test_path_of_a_file_that_keeps_a_secret_is_none(tmp_path):
    kept = tmp_path / "credentials.json"
    kept.write_text("{}")

    assert known_secrets({"GOOGLE_APPLICATION_CREDENTIALS": str(kept)}) == frozenset()
    assert f"{kept}x" in known_secrets({"GOOGLE_APPLICATION_CREDENTIALS": f"{kept}x"})


@pytest.mark.parametrize(
    ("name", "value", "secret"),
    [
        ("AIRFLOW_CONN_DB", "postgres://me:s3cr3t%2Fval@db:5432/x", "s3cr3t/val"),
        ("AIRFLOW_CONN_DB", "postgres://me:s3cr3t%2Fval@db:5432/x", "s3cr3t%2Fval"),
        ("AIRFLOW_CONN_DB", "postgres://me:p@ss@word@db/x", "p@ss@word"),
        ("AIRFLOW_CONN_DB", "postgres://:s3cr3tval@db/x", "s3cr3tval"),
        ("AIRFLOW_CONN_AWS", "aws://?aws_secret_access_key=s3cr3tval&region_name=x", "s3cr3tval"),
        ("AIRFLOW_CONN_X", 'x://?__extra__=%7B"api_key":"s3cr3tval"%7D', "s3cr3tval"),
        ("AIRFLOW_CONN_X", json.dumps({"password": "s3cr3tval"}), "s3cr3tval"),
        ("AIRFLOW_CONN_X", json.dumps({"extra": {"api_key": "s3cr3tval"}}), "s3cr3tval"),
        ("AIRFLOW_CONN_X", json.dumps({"extra": '{"secret_id": "s3cr3tval"}'}), "s3cr3tval"),
        ("AIRFLOW_CONN_X", json.dumps({"extra": [{"token": ["s3cr3tval"]}]}), "s3cr3tval"),
        ("AIRFLOW__DATABASE__SQL_ALCHEMY_CONN", "postgresql://me:s3cr3tval@db/x", "s3cr3tval"),
        ("DATABASE_URL", "mysql://me:s3cr3tval@db/x", "s3cr3tval"),
        ("SENTRY_DSN", "https://0123456789abcdef@sentry.io/1", "0123456789abcdef"),
        ("AIRFLOW_VAR_CONFIG", '{"db": {"password": "s3cr3tval"}}', "s3cr3tval"),
    ],
)
def test_secrets_inside_of_values_are_known(name, value, secret):
    assert secret in known_secrets({name: value})


def test_what_is_no_secret_of_a_connection_stays():
    found = known_secrets(
        {
            "AIRFLOW_CONN_A": "postgres://someuser:s3cr3tval@databasehost/trips?sslmode=require",
            "AIRFLOW_CONN_B": '{"conn_type": "postgres", "host": "databasehost"}',
            "AIRFLOW_CONN_C": "postgres://airflow_x:airflow_x@host/db",
            "BROKEN": '{"password": "s3cr3t',
            "DEEP_JSON": "[" * 100_000,
        }
    )

    assert all("s3cr3tval" in form or len(form) < 15 for form in found)
    assert found.isdisjoint(
        {"someuser", "databasehost", "postgres", "require", "airflow_x", "trips"}
    )


def test_lines_of_a_secret_are_secrets():
    key = "-----BEGIN KEY-----\r\n  abcdefghijkl\nxyz\n\n-----END KEY-----\n"
    found = known_secrets({"MY_PRIVATE_KEY": key})

    assert {"abcdefghijkl", "-----BEGIN KEY-----", key, key.strip()} <= found
    assert "xyz" not in found


def test_forms_of_a_secret_are_told():
    found = known_secrets({"MY_TOKEN": 'a"b/c d+é'})

    assert {
        'a"b/c d+é',
        'a\\"b/c d+\\u00e9',
        'a\\"b/c d+é',
        'a\\"b\\/c d+\\u00e9',
        "a%22b%2Fc%20d%2B%C3%A9",
        "a%22b/c%20d%2B%C3%A9",
        "a%22b%2Fc+d%2B%C3%A9",
        'a"b/c d+\\xe9',
    } <= found


@pytest.mark.parametrize("before", [b"", b"x", b"xy", b"xyz"])
@pytest.mark.parametrize("behind", [b"", b"x", b"xy", b"xyz"])
def test_base64_is_known_wherever_the_secret_stands_in_it(before, behind):
    found = known_secrets({"MY_TOKEN": "s3cr3t\xff\xfe?>value"})
    data = "s3cr3t\xff\xfe?>value".encode()

    for encode in (base64.b64encode, base64.urlsafe_b64encode):
        text = encode(before + data + behind).decode()
        assert any(form in text for form in found)


def test_value_that_is_not_utf8_ends_nothing():
    assert "abc\udcff\udcfedef" in known_secrets({"MY_TOKEN": "abc\udcff\udcfedef"})


@pytest.mark.parametrize("value", ["/\x00abcdef", "/" + "x" * 5_000])
def test_what_cannot_be_a_path_is_a_secret(value):
    assert value in known_secrets({"MY_TOKEN": value})


def test_numbers_of_json_are_secrets_too():
    assert "12345678" in known_secrets({"AIRFLOW_VAR_X": '{"token": 12345678, "on": null}'})


def nested(value, times):
    for _ in range(times):
        value = {"inside": value}
    return value


def test_secret_is_found_deep_inside():
    assert "s3cr3tval" in known_secrets({"X": json.dumps(nested({"token": "s3cr3tval"}, 50))})


def test_nesting_without_end_ends_nothing():
    assert known_secrets({"X": json.dumps(nested({"token": "s3cr3tval"}, 200))}) == frozenset()
    value = "s3cr3tval"
    for _ in range(8):
        value = json.dumps({"token": value})
    assert "s3cr3tval" in known_secrets({"X": value})


def test_shortest_secret_has_six_characters():
    assert "abc12!" in known_secrets({"MY_TOKEN": "abc12!"})
    assert known_secrets({"MY_TOKEN": "ab12!"}) == frozenset()
