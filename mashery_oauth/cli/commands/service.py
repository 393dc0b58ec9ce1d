"""``mashery-oauth service``: protected APIs, their policies, and everything configured as a file."""

from __future__ import annotations

from pathlib import Path
from typing import BinaryIO

import click

from ...members import spell_members, types_of
from ...models import Policy
from ...operations import exporting, importing, services
from ...presets import PRESETS
from ...store import Store
from ..files import write_private
from ..imported import told
from ..printing import Answer, Content, Row
from ..shell import Command, example, on_new_store, on_store
from ..shown import answer, brief, unchanged

_ANY_SCOPE = "Clients may ask for any scope; limit them with: mashery-oauth service update {name} --set scopes='A B'"


@click.group("service", epilog=example("mashery-oauth service create payments --site 100 --preset mashery"))
def command() -> None:
    """Services: protected APIs and their policies."""


def _policy_options(command: Command) -> Command:
    names = ", ".join(types_of(Policy))
    return click.option(
        "--set",
        "words",
        multiple=True,
        metavar="MEMBER=VALUE",
        callback=lambda _ctx, _option, words: _members(words),
        help=f"A member of the policy; repeat. Lists are separated by spaces; off switches off. Members: {names}.",
    )(command)


def _members(words: tuple[str, ...]) -> Row:
    pairs = [word.partition("=") for word in words]
    for name, equals, _ in pairs:
        if not equals:
            raise click.BadParameter(f"{name!r} is not MEMBER=VALUE")
    return spell_members(Policy, {name: value for name, _, value in pairs})


@command.command(
    "create",
    epilog=example("mashery-oauth service create payments --site 100 --set access_ttl=off --set scopes='read write'"),
)
@click.argument("name")
@click.option("--site", "site_id", type=int, required=True, help="Number of the site it belongs to.")
@click.option(
    "--preset", type=click.Choice(PRESETS), default="mashery", show_default=True, help="Policy to begin with."
)
@click.option("--key", help="Its service_key; generated unless given.")
@_policy_options
@on_store
async def create(store: Store, name: str, *, site_id: int, preset: str, key: str | None, words: Row) -> Answer:
    """Create a service."""
    made = await services.create(store, site_id, name, preset_name=preset, key=key, members=words)
    return answer(made, note="" if made.policy.scopes is not None else _ANY_SCOPE.format(name=made.key))


@command.command("list", epilog=example("mashery-oauth service list --json"))
@on_store
async def every(store: Store) -> Answer:
    """List all services. JSON has their numbers too."""
    found = await services.every(store)
    rows = [
        {**row, "profile": service.policy.profile, "flows": sorted(service.policy.flows)}
        for row, service in zip(brief(found, "key", "id", "site_id", "name", "active"), found, strict=True)
    ]
    return Answer(rows, people=[{name: row[name] for name in row if name != "id"} for row in rows])


@command.command("show", epilog=example("mashery-oauth service show payments"))
@click.argument("service")
@on_store
async def show(store: Store, service: str) -> Answer:
    """Show a service by key or name, and its whole policy."""
    return answer(await services.show(store, service))


@command.command("update", epilog=example("mashery-oauth service update payments --set access_ttl=900"))
@click.argument("service")
@click.option("--name")
@click.option("--active/--inactive", default=None, help="Whether it answers.")
@click.option("--preset", type=click.Choice(PRESETS), help="Put this policy in the place of the present one first.")
@_policy_options
@on_store
async def update(
    store: Store, service: str, name: str | None, preset: str | None, words: Row, *, active: bool | None
) -> Answer:
    """Change a service or its policy."""
    old = await services.show(store, service)
    new = await services.update(store, old.key, name=name, active=active, preset_name=preset, members=words)
    return answer(new, note=unchanged(old, new))


@command.command("delete", epilog=example("mashery-oauth service delete payments"))
@click.argument("service")
@on_store
async def delete(store: Store, service: str) -> Content:
    """Delete a service, also from the applications that have it."""
    return {"deleted": (await services.delete(store, service)).key}


@command.command("export", epilog=example("mashery-oauth service export --output services.toml"))
@click.option("--output", type=click.Path(dir_okay=False, path_type=Path), metavar="FILE", help="Instead of stdout.")
@on_store
async def export(store: Store, output: Path | None) -> Content:
    """Write everything that is configured as TOML; secrets stay sealed or hashed."""
    document = await exporting.export(store)
    if output is None:
        return document
    write_private(output, document)
    return {"written": str(output)}


@command.command("import", epilog=example("mashery-oauth service import services.toml --dry-run"))
@click.argument("file", type=click.File("rb"))
@click.option("--dry-run", is_flag=True, help="Only say what would become of each entry.")
@on_new_store
async def take_over(store: Store, file: BinaryIO, *, dry_run: bool) -> Answer:
    """Take over a TOML file of sites, callers, services and applications, whole or not at all."""
    verdicts = await importing.take_over(store, importing.parse(file.read()), dry_run=dry_run)
    return told(verdicts)
