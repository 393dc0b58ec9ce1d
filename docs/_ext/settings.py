"""The table of environment variables."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields

from mashery_oauth.settings import PREFIX, Settings

from .tables import Gap, code
from .tables import table as list_table

MEANING = {
    "host": "Address to listen on.",
    "port": "Port to listen on; 0 takes any free one.",
    "redis": "URL of the store; without it the embedded store is used.",
    "data_dir": "Folder of the embedded store.",
    "workers": "Number of worker processes.",
    "tls_cert": "File with the TLS certificate and its chain, PEM.",
    "tls_key": "File with the TLS key, PEM; not needed where the certificate's file has it.",
    "keys": "Key ring: keys of 64 hexadecimal digits, separated by commas; needed with a store of your own.",
    "fsync": "When the embedded store writes to the disk: ``always``, ``everysec`` or ``no``.",
    "store_timeout": "Seconds that one exchange with the store may take.",
    "max_config_age": "Seconds that configuration may be old before calls are refused.",
    "batch_limit": "Most requests in one JSON-RPC batch.",
    "shutdown_timeout": "Seconds that calls in flight may take to finish.",
    "guesses": "How many wrong secrets of one client a caller may try, like ``20/minute``; ``off`` for any number.",
    "min_replicas": "How many replicas must have a write before it is answered.",
    "log_level": "Least level that is logged: ``debug``, ``info``, ``warning`` or ``error``.",
}
RANGES: dict[str, tuple[float, float]] = {  # a test asks the settings themselves
    "port": (0, 65535),
    "workers": (1, 256),
    "store_timeout": (0.05, 60),
    "max_config_age": (0.1, 3600),
    "batch_limit": (1, 10_000),
    "shutdown_timeout": (0, 600),
    "min_replicas": (0, 10),
}
DEFAULTS = {"data_dir": "``mashery_oauth`` in the user's state folder"}


def table() -> Iterator[str]:
    """Every variable with its default and range."""
    members = fields(Settings)
    strangers = {member.name for member in members} ^ set(MEANING)
    if strangers:
        raise Gap(f"settings without a description, or the reverse: {sorted(strangers)}")
    default = Settings()
    rows = (
        (
            code(PREFIX + member.name.upper()),
            DEFAULTS.get(member.name) or code(str(getattr(default, member.name))),
            " to ".join(f"{bound:g}" for bound in RANGES.get(member.name, ())),
            MEANING[member.name],
        )
        for member in members
    )
    yield from list_table(("Variable", "Default", "Range", "Meaning"), rows)
