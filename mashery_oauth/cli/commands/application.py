"""``mashery-oauth application``: clients and their secrets."""

from __future__ import annotations

from typing import Any

import click

from ...flows import FLOWS
from ...operations import applications
from ...operations.applications import Shown, Wanted
from ...store import Store
from ..printing import Answer, Content
from ..shell import Command, example, on_store
from ..shown import answer, brief, unchanged


@click.group("application", epilog=example("mashery-oauth application create shop --site 100 --service payments"))
def command() -> None:
    """Applications: clients and their secrets."""


def _shown(shown: Shown) -> Answer:
    return answer(shown.application, client_secret=shown.client_secret)


def _member_options(command: Command) -> Command:
    for option in (
        click.option("--attributes", help="Text that fetchApplication passes on."),
        click.option("--external-id", help="Its name in another system."),
        click.option("--every-flow", is_flag=True, help="All flows that the service has on."),
        click.option("--flow", "flows", multiple=True, type=click.Choice(list(FLOWS)), help="Only these; repeat."),
        click.option("--redirect-uri", "redirect_uris", multiple=True, help="Repeat for several; '' for none."),
        click.option("--native/--not-native", default=None, help="Installed on its user's device."),
        click.option("--type", type=click.Choice(["confidential", "public"]), help="Whether it can keep a secret."),
        click.option("--service", "services", multiple=True, help="Key or name; repeat for several; '' for none."),
    ):
        command = option(command)
    return command


def _wanted(
    *, services: tuple[str, ...], redirect_uris: tuple[str, ...], flows: tuple[str, ...], **others: object
) -> Wanted:
    """What was said. A list that was not given stays as it is, and one empty text empties it."""
    return Wanted(
        services=tuple(filter(None, services)) if services else None,
        redirect_uris=tuple(filter(None, redirect_uris)) if redirect_uris else None,
        flows=frozenset(flows) or None,
        **others,  # type: ignore[arg-type]
    )


@command.command(
    "create",
    epilog=example(
        "mashery-oauth application create shop --site 100 --service payments --redirect-uri https://shop.example/cb"
    ),
)
@click.argument("name")
@click.option("--site", "site_id", type=int, required=True, help="Number of the site it belongs to.")
@click.option("--id", "number", type=int, help="Its number; the next free one unless given.")
@click.option("--client-id", help="Generated unless given.")
@click.option("--client-secret", help="Generated unless given.")
@_member_options
@on_store
async def create(
    store: Store, site_id: int, number: int | None, client_id: str | None, client_secret: str | None, **members: Any
) -> Answer:
    """Create an application. Its secret is shown this one time."""
    wanted = _wanted(**members)
    return _shown(
        await applications.create(
            store, site_id, wanted, number=number, client_id=client_id, client_secret=client_secret
        )
    )


@command.command("list", epilog=example("mashery-oauth application list --json"))
@on_store
async def every(store: Store) -> Answer:
    """List all applications. The table has the names of their services, JSON their keys."""
    found = await applications.every(store)
    rows = brief([each for each, _ in found], "client_id", "id", "site_id", "name", "type", "services", "active")
    return Answer(rows, people=[{**row, "services": names} for row, (_, names) in zip(rows, found, strict=True)])


@command.command("show", epilog=example("mashery-oauth application show shop"))
@click.argument("application")
@on_store
async def show(store: Store, application: str) -> Answer:
    """Show an application by client_id or name."""
    return answer(await applications.show(store, application))


@command.command("update", epilog=example("mashery-oauth application update shop --service payments --service backups"))
@click.argument("application")
@click.option("--name")
@click.option("--active/--inactive", default=None, help="Whether it may be used.")
@_member_options
@on_store
async def update(store: Store, application: str, **members: Any) -> Answer:
    """Change an application; lists are replaced."""
    old = await applications.show(store, application)
    new = await applications.update(store, old.client_id, _wanted(**members))
    return answer(new, note=unchanged(old, new))


@command.command("add-secret", epilog=example("mashery-oauth application add-secret shop"))
@click.argument("application")
@click.option("--client-secret", help="Generated unless given.")
@on_store
async def add_secret(store: Store, application: str, client_secret: str | None) -> Answer:
    """Add a secret beside the newest one, and show it this one time. Both count until drop-secret."""
    return _shown(await applications.add_secret(store, application, client_secret=client_secret))


@command.command("drop-secret", epilog=example("mashery-oauth application drop-secret shop"))
@click.argument("application")
@on_store
async def drop_secret(store: Store, application: str) -> Answer:
    """End the older of two secrets."""
    return answer(await applications.drop_secret(store, application))


@command.command("delete", epilog=example("mashery-oauth application delete shop"))
@click.argument("application")
@on_store
async def delete(store: Store, application: str) -> Content:
    """Delete an application; its tokens are dead."""
    return {"deleted": (await applications.delete(store, application)).client_id}
