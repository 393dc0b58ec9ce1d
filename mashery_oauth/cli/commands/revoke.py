"""``mashery-oauth revoke``: what was issued is ended, all at once, and a receipt says how much that was."""

from __future__ import annotations

import click

from ...operation import Receipt
from ...operations import revocation
from ...operations.revocation import Reach
from ...settings import read_settings
from ...store import Store
from ..asking import revoking
from ..shell import example


@click.group("revoke", epilog=example("mashery-oauth revoke application shop --dry-run"))
def command() -> None:
    """End what was issued: of a user, an application, a service, a site.

    It takes the same time however much it is, and cannot be taken back: on a terminal it says how much that is and asks
    first, unless --yes is given. What is issued afterwards lives. A single token is ended by "tokens revoke".
    """


@command.command("user", epilog=example("mashery-oauth revoke user alice --service payments"))
@click.argument("user_context")
@click.option("--service", "services", multiple=True, help="Only at this service, by key or name; may be repeated.")
@click.option("--site", help="Only in this site, by number or name; needed where there are several.")
@click.option("--application", help="Only with this application, by client_id or name.")
@revoking
async def user(
    store: Store,
    user_context: str,
    services: tuple[str, ...],
    site: str | None,
    application: str | None,
    *,
    dry_run: bool,
) -> Receipt:
    """End what a user has granted."""
    return await revocation.user(store, user_context, Reach(services, site, application), dry_run=dry_run)


@command.command("application", epilog=example("mashery-oauth revoke application shop"))
@click.argument("application")
@revoking
async def application(store: Store, application: str, *, dry_run: bool) -> Receipt:
    """End what all users have granted an application, and what it has for itself."""
    return await revocation.application(store, application, _max_age(), dry_run=dry_run)


@command.command("service", epilog=example("mashery-oauth revoke service payments"))
@click.argument("service")
@revoking
async def service(store: Store, service: str, *, dry_run: bool) -> Receipt:
    """End everything that was issued at a service."""
    return await revocation.service(store, service, _max_age(), dry_run=dry_run)


@command.command("site", epilog=example("mashery-oauth revoke site 100"))
@click.argument("site")
@revoking
async def site(store: Store, site: str, *, dry_run: bool) -> Receipt:
    """End everything that was issued in a site."""
    return await revocation.site(store, site, _max_age(), dry_run=dry_run)


def _max_age() -> float:
    """How old a worker's configuration may be, if its environment is this one's."""
    return read_settings().max_config_age
