"""Tells secrets from their names, placeholders and paths."""

import re
from collections.abc import Iterator
from typing import Final

_PASSWORD: Final = re.compile(
    r"(?:^|_)(?:password|passwd|passphrase|passwort|pwd|pass|(?<=_)pw|secret_access_key)$"
)
_TOKEN: Final = re.compile(
    r"(?:^|_)(?:token|secret|api_?key|access_?key|secret_?key|private_?key|account_?key|auth_?key"
    r"|encryption_key|fernet_key|signing_key|bearer|credentials?|authorization)$"
)
_NOT_SECRET: Final = re.compile(
    r"(?:^|_)(?:page|next|postman|continuation|cancell?ation|pagination|stop|eos|bos|pad|public)_"
)
_CAMEL: Final = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|[-.\s]+")

_NAME: Final = re.compile(
    r"[a-z_.\- ]*(?:password|passwd|passphrase|pass|pwd|secret|token|key|credential|auth)"
    r"[a-z_.\- ]*",
    re.IGNORECASE,
)
_PLACEHOLDER: Final = re.compile(
    r"x{3,}|\*{2,}|\.{3}|[<>{}\s]|\$[({]|%\(|%s|^\$|your|change_?-?me|placeholder|example|dummy"
    r"|fake|sample|todo|redacted|masked|hidden|enter|insert|replace|^(?:none|null|true|false|test"
    r"|str|string|varchar|text|object|binary|basic|default|env|optional|required|sensitive)$",
    re.IGNORECASE,
)
_ENVIRONMENT: Final = re.compile(r"[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+")
_PATH: Final = re.compile(
    r"^[./~]|^\w+://|^arn:|\.(?:json|pem|key|txt|ya?ml|p12|ini|cfg|env|crt)$"
    r"|^[\w.-]+(?:/[\w.-]+)+$"
)
_SHORTEST: Final = 3
_RANDOM: Final = re.compile(r"(?=.*[0-9])(?=.*[A-Za-z])[A-Za-z0-9+/_\-=.:~|!@#$%^&*]{12,}")
_WORDS: Final = re.compile(r"[a-z]{2,}[0-9]{0,3}(?:[_\-./:][a-z0-9]{1,})+", re.IGNORECASE)
_URI: Final = re.compile(r"(?<=[a-z0-9])://(?P<user>[^\s:/@?#'\"]*):(?P<password>[^\s/@'\"]+)@")
_KEY_BLOCK: Final = re.compile(
    r"-----BEGIN (?:[A-Z ]+ )?PRIVATE KEY-----(?:\s|\\n)*[A-Za-z0-9+/=]{16}"
    r"[^-]*(?:-(?!----)[^-]*)*(?:-----END (?:[A-Z ]+ )?PRIVATE KEY-----)?"
)
_TEMPLATE: Final = re.compile(r"[<>{}*]|\$\(|^\$|%[(s]|\.{3}")

SHAPES: Final[tuple[tuple[str, re.Pattern[str], str], ...]] = tuple(
    (begin, re.compile(pattern, re.ASCII), words)
    for begin, pattern, words in (
        ("AKIA", r"\bAKIA[0-9A-Z]{16}\b", "An AWS access key"),
        ("gh", r"\bgh[pousr]_[A-Za-z0-9]{36}", "A GitHub token"),
        ("github_pat_", r"\bgithub_pat_\w{40,}", "A GitHub token"),
        ("glpat-", r"\bglpat-[\w-]{20,}", "A GitLab token"),
        ("xox", r"\bxox[abprs]-[0-9]{6,}-[0-9A-Za-z-]{10,}", "A Slack token"),
        ("hooks.slack", r"hooks\.slack\.com/services/T\w{6,}/B\w{6,}/\w{20,}", "A Slack webhook"),
        ("AIza", r"\bAIza[0-9A-Za-z_\-]{35}", "A Google API key"),
        ("GOCSPX-", r"\bGOCSPX-[\w-]{20,}", "A Google client secret"),
        (
            "PRIVATE KEY",
            r"-----BEGIN (?:[A-Z ]+ )?PRIVATE KEY-----(?:\s|\\n)*[A-Za-z0-9+/=]{16}",
            "A private key",
        ),
        ("sk_live_", r"\bsk_live_[0-9A-Za-z]{16,}", "A Stripe key"),
        ("sk-", r"\bsk-(?=[\w-]{0,99}[0-9])(?=[\w-]{0,99}[A-Z])[\w-]{20,}", "An API key"),
        ("SG.", r"\bSG\.[\w-]{16,}\.[\w-]{16,}", "A SendGrid key"),
        ("dapi", r"\bdapi[0-9a-f]{32}\b", "A Databricks token"),
        ("hf_", r"\bhf_[A-Za-z]{30,}", "A Hugging Face token"),
        ("npm_", r"\bnpm_[A-Za-z0-9]{36}\b", "An npm token"),
        ("AccountKey=", r"AccountKey=[A-Za-z0-9+/]{40,}", "An Azure storage key"),
        (":AA", r"\b[0-9]{8,10}:AA[A-Za-z0-9_-]{33}\b", "A Telegram bot token"),
        ("eyJ", r"(?<![\w-])eyJ[\w-]{10,}\.eyJ[\w-]{10,}\.[\w-]{10,}", "A JSON web token"),
    )
)
"""How well-known tokens begin, how they look, and what they are called."""

# To look quickly through bytes, patterns begin with letters: Python's `re` then skips ahead.
_BYTES: Final = tuple(
    (begin.encode(), re.compile(look.pattern.removeprefix(r"\b").encode()))
    for begin, look, _ in SHAPES
)
_URI_BYTES: Final = re.compile(rb"://[^\s:/@?#'\"]*:[^\s/@'\"]+@")
_KINDS_OF_KEYS: Final = (
    "api_", "api", "api-", "access_", "access", "secret_", "secret", "private_", "private",
    "account_", "account", "auth_", "auth", "encryption_", "fernet_", "signing_",
)  # fmt: skip
_KEY: Final = "key(?:" + "|".join(f"(?<={kind}key)" for kind in _KINDS_OF_KEYS) + ")"
_GIVEN: Final = tuple(
    (
        name.encode(),
        re.compile(
            (
                pattern + r"""["']?\]?\s*(?::[ ]*[\w.\[\]| ]+)?[=:]\s*\(?\s*[rbu]?["'][^"'\s]{3}"""
            ).encode()
        ),
    )
    for name, pattern in (
        ("pass", r"pass(?:w\w*|phrase)?"),
        ("pwd", "pwd"),
        ("_pw", "_pw"),
        ("secret", "secret"),
        ("token", "token"),
        ("key", _KEY),
        ("bearer", "bearer"),
        ("credential", "credentials?"),
        ("authorization", "authorization"),
    )
)
_BASIC: Final = re.compile(rb"auth\s*=\s*\(|basicauth\(")


def may_hold_secrets(data: bytes) -> bool:
    """Return quickly whether a file is worth a look."""
    if b"://" in data and _URI_BYTES.search(data) is not None:
        return True
    if any(begin in data and look.search(data) is not None for begin, look in _BYTES):
        return True
    low = data.lower()
    if any(name in low and look.search(low) is not None for name, look in _GIVEN):
        return True
    return b"auth" in low and _BASIC.search(low) is not None


def is_secret(name: str, value: str) -> bool:
    """Return whether what a name is given is a secret, not the name of one."""
    key = _CAMEL.sub("_", name).lower()
    if _NOT_SECRET.search(key) or _is_placeholder(value):
        return False
    if _PASSWORD.search(key):
        return is_password(value)
    return bool(
        _TOKEN.search(key)
        and _RANDOM.fullmatch(value.removeprefix("Bearer ").removeprefix("Basic "))
        and not _WORDS.fullmatch(value)
    )


def is_password(value: str) -> bool:
    """Return whether a text can be a password."""
    return len(value) >= _SHORTEST and not _is_placeholder(value)


def shape(value: str) -> str | None:
    """Return what secret a text holds, in words: a well-known token, or a URI with a password."""
    for begin, pattern, name in SHAPES:
        found = pattern.search(value) if begin in value else None
        if found is not None and not _PLACEHOLDER.search("".join(found[0].split())):
            return name
    if any(map(_has_password, _URI.finditer(value))):
        return "A URI with its password"
    return None


def stretches(text: str) -> Iterator[tuple[int, int]]:
    """Yield where well-known tokens, private keys and passwords of URIs stand in a text.

    More of them are told than `shape` tells of: here a placeholder may be told, a secret may not be
    left out. Takes time in proportion to the text.
    """
    for begin, pattern, _ in SHAPES:
        if begin in text:
            whole = _KEY_BLOCK if begin == "PRIVATE KEY" else pattern
            yield from (found.span() for found in whole.finditer(text))
    if "://" in text:
        for uri in _URI.finditer(text):
            if uri["password"] != uri["user"] and not _TEMPLATE.search(uri["password"]):
                yield uri.span("password")


def _has_password(uri: re.Match[str]) -> bool:
    if uri["user"] == uri["password"] and uri["user"] in ("user", "username"):
        return False
    return is_password(uri["password"]) and not _PLACEHOLDER.search(uri["user"])


def _is_placeholder(value: str) -> bool:
    bare = value.removeprefix("Bearer ").removeprefix("Basic ")
    return bool(
        not bare
        or _NAME.fullmatch(bare)
        or _PLACEHOLDER.search(bare)
        or _ENVIRONMENT.fullmatch(bare)
        or _PATH.search(bare)
    )


def is_random(value: str) -> bool:
    """Return whether a text looks like a key that a machine has made, and not like words."""
    return bool(
        _RANDOM.fullmatch(value) and not _WORDS.fullmatch(value) and not _is_placeholder(value)
    )
