"""Settings from the environment, and what is said of one that cannot be used."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path

import pytest

from mashery_oauth.settings import PREFIX, Settings, SettingsError, read_settings, state_folder


@pytest.fixture(autouse=True)
def _nothing_set(monkeypatch: pytest.MonkeyPatch) -> None:
    for field in fields(Settings):
        monkeypatch.delenv(PREFIX + field.name.upper(), raising=False)


def test_an_empty_environment_gives_the_defaults() -> None:
    assert read_settings() == Settings(data_dir=state_folder())


def test_the_default_folder_is_the_users_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/of/alice")
    monkeypatch.delenv("XDG_STATE_HOME", raising=False)
    without = state_folder()
    monkeypatch.setenv("XDG_STATE_HOME", "/state")

    assert (without, state_folder()) == (Path("/of/alice/.local/state/mashery_oauth"), Path("/state/mashery_oauth"))


def test_every_setting_can_be_given(monkeypatch: pytest.MonkeyPatch) -> None:
    wanted = Settings(
        host="::1",
        port=0,
        redis="redis://h",
        data_dir=Path("/d"),
        workers=4,
        tls_cert="/c",
        tls_key="/k",
        keys="aa",
        fsync="everysec",
        store_timeout=0.5,
        max_config_age=5.0,
        batch_limit=7,
        shutdown_timeout=0.0,
        guesses="5/hour",
        min_replicas=2,
        log_level="debug",
    )
    for field in fields(Settings):
        monkeypatch.setenv(PREFIX + field.name.upper(), str(getattr(wanted, field.name)))

    assert read_settings() == wanted


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PORT", "http"),
        ("PORT", "-1"),
        ("PORT", "65536"),
        ("WORKERS", "0"),
        ("WORKERS", "257"),
        ("FSYNC", "never"),
        ("STORE_TIMEOUT", "0"),
        ("STORE_TIMEOUT", "nan"),
        ("MAX_CONFIG_AGE", "0"),
        ("BATCH_LIMIT", "0"),
        ("SHUTDOWN_TIMEOUT", "-1"),
        ("GUESSES", "many"),
        ("GUESSES", "0/minute"),
        ("GUESSES", "3 per minute; 5/hour"),
        ("MIN_REPLICAS", "-1"),
        ("LOG_LEVEL", "loud"),
    ],
)
def test_says_which_variable_cannot_be_used(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv(PREFIX + name, value)

    with pytest.raises(SettingsError, match=f"^{PREFIX}{name}: [a-z]") as refused:
        read_settings()

    assert not set("[]'\"") & set(str(refused.value))


def test_says_all_that_cannot_be_used_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {"PORT": "http", "GUESSES": "many", "FSYNC": "no"}.items():
        monkeypatch.setenv(PREFIX + name, value)

    with pytest.raises(SettingsError) as refused:
        read_settings()

    guesses = f"{PREFIX}GUESSES: must be like 20/minute, or off"
    assert str(refused.value) == f"{PREFIX}PORT: not a valid integer; {guesses}"
