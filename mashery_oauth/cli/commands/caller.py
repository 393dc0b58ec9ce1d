"""``mashery-oauth caller``: who may call."""

from __future__ import annotations

import click

from ...operations import callers
from ...operations.callers import Shown
from ...store import Store
from ..printing import Answer, Content
from ..shell import example, on_store
from ..shown import answer, brief, unchanged, whole


@click.group("caller", epilog=example("mashery-oauth caller create 'Example Bank' --site 100 --user bank"))
def command() -> None:
    """Callers: who may call the service."""


def _shown(shown: Shown) -> Content:
    return whole(shown.caller, secret=shown.secret, password=shown.password)


@command.command("create", epilog=example("mashery-oauth caller create 'Example Bank' --site 100 --user bank"))
@click.argument("name")
@click.option("--site", "site_id", type=int, required=True, help="Number of the site it belongs to.")
@click.option("--apikey", help="Generated unless given.")
@click.option("--secret", help="For signing; generated unless given.")
@click.option("--user", help="For HTTP Basic.")
@click.option("--password", help="Of that user; generated unless given.")
@click.option("--calls-per-second", type=int, help="More are refused; no limit unless given.")
@on_store
async def create(
    store: Store,
    name: str,
    *,
    site_id: int,
    apikey: str | None,
    secret: str | None,
    user: str | None,
    password: str | None,
    calls_per_second: int | None,
) -> Content:
    """Create a caller. Its secrets are shown this one time."""
    return _shown(
        await callers.create(
            store,
            site_id,
            name,
            apikey=apikey,
            secret=secret,
            user=user,
            password=password,
            calls_per_second=calls_per_second,
        )
    )


@command.command("list", epilog=example("mashery-oauth caller list --json"))
@on_store
async def every(store: Store) -> Content:
    """List all callers."""
    return brief(await callers.every(store), "apikey", "site_id", "name", "user", "active")


@command.command("show", epilog=example("mashery-oauth caller show bank"))
@click.argument("caller")
@on_store
async def show(store: Store, caller: str) -> Content:
    """Show a caller by apikey, user or name."""
    return whole(await callers.show(store, caller))


@command.command("update", epilog=example("mashery-oauth caller update bank --inactive"))
@click.argument("caller")
@click.option("--name")
@click.option("--active/--inactive", default=None, help="Whether it is let in.")
@click.option("--calls-per-second", type=int, help="More are refused; 0 takes the limit away.")
@on_store
async def update(
    store: Store, caller: str, name: str | None, *, active: bool | None, calls_per_second: int | None
) -> Answer:
    """Change a caller."""
    old = await callers.show(store, caller)
    new = await callers.update(store, old.apikey, name=name, active=active, calls_per_second=calls_per_second)
    return answer(new, note=unchanged(old, new))


@command.command("rotate", epilog=example("mashery-oauth caller rotate bank --password"))
@click.argument("caller")
@click.option("--secret", is_flag=True, help="A new secret for signing.")
@click.option("--password", is_flag=True, help="A new password.")
@on_store
async def rotate(store: Store, caller: str, *, secret: bool, password: bool) -> Content:
    """Replace a caller's secrets. The new ones are shown this one time; the old ones end at once."""
    if not secret and not password:
        raise click.UsageError("say which: --secret, --password or both")
    return _shown(await callers.rotate(store, caller, secret=secret, password=password))


@command.command("delete", epilog=example("mashery-oauth caller delete bank"))
@click.argument("caller")
@on_store
async def delete(store: Store, caller: str) -> Content:
    """Delete a caller."""
    return {"deleted": (await callers.delete(store, caller)).apikey}
