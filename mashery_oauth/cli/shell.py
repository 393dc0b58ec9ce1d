"""What all commands share: where the store is, how an answer is printed, and which errors are told in one line."""

from __future__ import annotations

import asyncio
import functools
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

import click

from ..errors import StoreUnavailable
from ..opening import store_place
from ..operation import OperationError
from ..settings import Settings, SettingsError, read_settings
from ..store import Store, open_store
from ..store.connection import UrlError
from ..store.embedded import FolderError
from ..store.ring import RingError
from .printing import Answer, Content, tell

EXPECTED = (OperationError, FolderError, SettingsError, UrlError, RingError)

Command = TypeVar("Command", bound=Callable[..., Any])
T = TypeVar("T")


class Main(click.Group):
    """The outermost command: what is expected to go wrong becomes one line and exit code 1."""

    def invoke(self, ctx: click.Context) -> Any:
        """See :class:`click.Group`."""
        try:
            return super().invoke(ctx)
        except EXPECTED as error:
            raise click.ClickException(str(error)) from None
        except StoreUnavailable as error:
            raise click.ClickException(f"the store does not answer: {error}") from None


def store_options(command: Command) -> Command:
    """Where the store is."""
    command = click.option(
        "--data-dir",
        type=click.Path(file_okay=False, path_type=Path),
        metavar="DIR",
        help="Folder of the embedded store [env: MASHERY_OAUTH_DATA_DIR].",
    )(command)
    return click.option("--redis", metavar="URL", help="A store of your own [env: MASHERY_OAUTH_REDIS].")(command)


def serving_options(command: Command) -> Command:
    """How a service runs."""
    for option in (
        click.option("--tls-key", metavar="FILE", help="Its private key [env: MASHERY_OAUTH_TLS_KEY]."),
        click.option("--tls-cert", metavar="FILE", help="TLS certificate chain [env: MASHERY_OAUTH_TLS_CERT]."),
        click.option("--workers", type=click.IntRange(1, 256), help="Processes [env: MASHERY_OAUTH_WORKERS; else 1]."),
        click.option("--port", type=click.IntRange(0, 65535), help="0: any [env: MASHERY_OAUTH_PORT; else 8083]."),
        click.option("--host", help="Address to listen on [env: MASHERY_OAUTH_HOST; else 127.0.0.1]."),
    ):
        command = option(command)
    return store_options(command)


def chosen(**options: Any) -> Settings:
    """The settings of the environment, where no option says otherwise.

    :raises SettingsError: the environment cannot be read.
    """
    given = {name: value for name, value in options.items() if value is not None}
    if "data_dir" in given:
        given.setdefault("redis", "")  # a folder that is named here wins over a store that the environment names
    return replace(read_settings(), **given)


def with_store(settings: Settings, work: Callable[[Store], Awaitable[T]], *, may_create: bool = False) -> T:
    """Does the work on the store, beside a service that may be running on it."""

    async def opened(url: str, keys: tuple[bytes, ...]) -> T:
        # Nothing is kept from one look to the next: a command decides on what is true when it decides.
        store = await open_store(
            url, keys, timeout=settings.store_timeout, max_config_age=0, min_replicas=settings.min_replicas
        )
        try:
            return await work(store)
        finally:
            await store.close()

    with store_place(settings, serving=False, may_create=may_create) as place:
        return asyncio.run(opened(place.url, place.keys))


def on_new_store(work: Callable[..., Awaitable[Content | Answer]]) -> Callable[..., None]:
    """A command with which a store may begin; for the others, a folder without one is a mistake."""
    return on_store(work, may_create=True)


def on_store(work: Callable[..., Awaitable[Content | Answer]], *, may_create: bool = False) -> Callable[..., None]:
    """A command that works on the store and prints what it returns; the first argument is the store."""

    @functools.wraps(work)
    def command(*, redis: str | None, data_dir: Path | None, as_json: bool, **arguments: object) -> None:
        settings = chosen(redis=redis, data_dir=data_dir)
        answer = with_store(settings, lambda store: work(store, **arguments), may_create=may_create)
        tell(answer, as_json=as_json)

    return store_options(json_option(command))


def json_option(command: Command) -> Command:
    """Whether a program reads what is printed."""
    return click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")(command)


def dry_run_option(command: Command) -> Command:
    """Whether only to say what would be done."""
    return click.option("--dry-run", is_flag=True, help="Change nothing; say how much it would end.")(command)


def example(*lines: str) -> str:
    """An epilog that shows commands as they are typed."""
    return "\b\n" + "\n  ".join(("Example:", *lines))
