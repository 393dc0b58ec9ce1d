"""``mashery-oauth site``: providers' areas."""

from __future__ import annotations

import click

from ...operations import sites
from ...store import Store
from ..printing import Answer, Content
from ..shell import example, on_new_store, on_store
from ..shown import answer, brief, unchanged, whole


@click.group("site", epilog=example("mashery-oauth site create 'Example Bank'"))
def command() -> None:
    """Sites: providers' areas."""


@command.command("create", epilog=example("mashery-oauth site create 'Example Bank' --id 100"))
@click.argument("name")
@click.option("--id", "number", type=int, help="Its number; the next free one unless given.")
@on_new_store
async def create(store: Store, name: str, number: int | None) -> Content:
    """Create a site."""
    return whole(await sites.create(store, name, number=number))


@command.command("list", epilog=example("mashery-oauth site list --json"))
@on_store
async def every(store: Store) -> Content:
    """List all sites."""
    return brief(await sites.every(store), "id", "name", "active")


@command.command("show", epilog=example("mashery-oauth site show 100"))
@click.argument("site")
@on_store
async def show(store: Store, site: str) -> Content:
    """Show a site by number or name."""
    return whole(await sites.show(store, site))


@command.command("update", epilog=example("mashery-oauth site update 100 --inactive"))
@click.argument("site")
@click.option("--name")
@click.option("--active/--inactive", default=None, help="Whether its callers are let in.")
@on_store
async def update(store: Store, site: str, name: str | None, *, active: bool | None) -> Answer:
    """Change a site."""
    old = await sites.show(store, site)
    new = await sites.update(store, str(old.id), name=name, active=active)
    return answer(new, note=unchanged(old, new))


@command.command("delete", epilog=example("mashery-oauth site delete 100"))
@click.argument("site")
@on_store
async def delete(store: Store, site: str) -> Content:
    """Delete a site that nothing belongs to any more."""
    return {"deleted": (await sites.delete(store, site)).id}
