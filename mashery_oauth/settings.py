"""What the environment says, read once. Each member is ``MASHERY_OAUTH_`` and its name in capitals."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import limits
from environs import Env, EnvValidationError, ValidationError, validate
from limits import RateLimitItem

PREFIX = "MASHERY_OAUTH_"
OFF = "off"
_LIMIT = re.compile(r"[1-9][0-9]{0,8}/(second|minute|hour|day)").fullmatch


class SettingsError(Exception):
    """A variable has a value that cannot be used; the text names it."""


@dataclass(frozen=True, slots=True)
class Settings:
    """How one service runs."""

    host: str = "127.0.0.1"
    port: int = 8083  # 0: any free one
    redis: str = ""  # URL of the store; empty: the embedded one
    data_dir: Path = Path()  # of the embedded store
    workers: int = 1
    tls_cert: str = ""
    tls_key: str = ""
    keys: str = ""  # key ring: 64 hexadecimal digits each, comma-separated, first seals
    fsync: str = "always"  # of the embedded store's append-only file
    store_timeout: float = 2.0  # seconds for one exchange with the store
    max_config_age: float = 1.0  # seconds that configuration may be old
    batch_limit: int = 100  # requests in one JSON-RPC batch
    shutdown_timeout: float = 10.0  # seconds that calls in flight may take to finish
    guesses: str = "20/minute"  # wrong secrets of one client by one caller; off: any number
    min_replicas: int = 0  # that must have a write before it is answered
    log_level: str = "info"


def guess_limit(text: str) -> RateLimitItem | None:
    """A limit as :mod:`limits` writes it, like ``20/minute``; ``None`` for ``off``.

    :raises ValueError: it is neither.
    """
    if text == OFF:
        return None
    if not _LIMIT(text):
        raise ValueError(text)
    return limits.parse(text)


def _check_limit(text: str) -> None:
    try:
        guess_limit(text)
    except ValueError:
        raise ValidationError("Must be like 20/minute, or off.") from None


def state_folder() -> Path:
    """Where a user's programs keep what should survive (XDG base directories): the default data folder."""
    base = os.environ.get("XDG_STATE_HOME") or str(Path.home() / ".local" / "state")
    return Path(base) / "mashery_oauth"


def demo_folder() -> Path:
    """The data folder of the demo, where no other is named."""
    return state_folder() / "demo"


def read_settings() -> Settings:
    """The settings that the environment gives.

    :raises SettingsError: variables cannot be read; all of them are named.
    """
    env = Env(prefix=PREFIX, eager=False)
    found = _read(env, Settings())
    try:
        env.seal()
    except EnvValidationError as error:
        raise SettingsError("; ".join(_problems(error))) from None
    return found


def _problems(error: EnvValidationError) -> Iterator[str]:
    """Each variable with what is wrong; nothing of its value, which may be a secret."""
    for name, texts in cast(Mapping[str, list[str]], error.error_messages).items():
        said = " ".join(texts).removesuffix(".")
        yield f"{name}: {said[:1].lower()}{said[1:]}"


def _read(env: Env, default: Settings) -> Settings:
    """Every member; one that cannot be read is noted in ``env``."""
    return Settings(
        host=env.str("HOST", default.host),
        port=env.int("PORT", default.port, validate=validate.Range(0, 65535)),
        redis=env.str("REDIS", default.redis),
        data_dir=Path(env.str("DATA_DIR", "") or state_folder()),
        workers=env.int("WORKERS", default.workers, validate=validate.Range(1, 256)),
        tls_cert=env.str("TLS_CERT", default.tls_cert),
        tls_key=env.str("TLS_KEY", default.tls_key),
        keys=env.str("KEYS", default.keys),
        fsync=env.str("FSYNC", default.fsync, validate=validate.OneOf(["always", "everysec", "no"])),
        store_timeout=env.float("STORE_TIMEOUT", default.store_timeout, validate=validate.Range(0.05, 60)),
        max_config_age=env.float("MAX_CONFIG_AGE", default.max_config_age, validate=validate.Range(0.1, 3600)),
        batch_limit=env.int("BATCH_LIMIT", default.batch_limit, validate=validate.Range(1, 10_000)),
        shutdown_timeout=env.float("SHUTDOWN_TIMEOUT", default.shutdown_timeout, validate=validate.Range(0, 600)),
        guesses=env.str("GUESSES", default.guesses, validate=_check_limit),
        min_replicas=env.int("MIN_REPLICAS", default.min_replicas, validate=validate.Range(0, 10)),
        log_level=env.str(
            "LOG_LEVEL", default.log_level, validate=validate.OneOf(["debug", "info", "warning", "error"])
        ),
    )
