"""``mashery-oauth flows``: which flows a service has on."""

from __future__ import annotations

import click

from ...flows import FLOWS
from ...models import Service
from ...operations import services
from ...store import Store
from ..printing import Answer, Row
from ..shell import example, on_store

SHOW = "show"
_NAMES = f"FLOW is one of: {', '.join(FLOWS)}."
_LIVE_ON = (
    "Tokens that it made before live on; what ends them, and all others of the service: "
    "mashery-oauth revoke service {key}"
)


class _Flows(click.Group):
    """A group whose first word may be a service, which is then shown."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """See :class:`click.Group`."""
        known = (*self.commands, *ctx.help_option_names)
        return super().parse_args(ctx, [SHOW, *args] if args and args[0] not in known else args)


@click.group(
    "flows",
    cls=_Flows,
    subcommand_metavar="SERVICE | COMMAND [ARGS]...",
    epilog=example("mashery-oauth flows payments", "mashery-oauth flows allow payments FLOW"),
)
def command() -> None:
    """Flows: which ones a service has on."""


def _one(ctx: click.Context, _parameter: click.Parameter, words: tuple[str, ...]) -> str:
    """The service that is to be shown. More words are a verb that there is not, like "flows off payments FLOW"."""
    if len(words) != 1:
        raise click.UsageError(
            'to show the flows of a service name just one; "flows allow SERVICE FLOW" turns a flow on, '
            '"flows forbid SERVICE FLOW" turns it off',
            ctx,
        )
    return words[0]


def _answer(service: Service, note: str = "") -> Answer:
    rows: list[Row] = [
        {"flow": state.flow, "on": state.on, "known": state.known, "summary": state.summary}
        for state in services.flow_states(service)
    ]
    people = [{"in profile" if name == "known" else name: value for name, value in row.items()} for row in rows]
    return Answer(rows, people=people, note=note)


@command.command(SHOW, epilog=example("mashery-oauth flows payments"))
@click.argument("service", nargs=-1, metavar="SERVICE", callback=_one)
@on_store
async def show(store: Store, service: str) -> Answer:
    """Show the flows of a service."""
    return _answer(await services.show(store, service))


@command.command(
    "allow",
    help=f"Turn a flow on; in force everywhere within a second. {_NAMES}",
    epilog=example("mashery-oauth flows allow payments FLOW"),
)
@click.argument("service")
@click.argument("flow")
@on_store
async def allow(store: Store, service: str, flow: str) -> Answer:
    """Turn a flow on, and say where it was on already."""
    old = await services.show(store, service)
    new = await services.allow(store, old.key, flow)
    return _answer(new, note=f"{flow} was on already." if old == new else "")


@command.command(
    "forbid",
    help=f"Turn a flow off; in force everywhere within a second. {_NAMES}",
    epilog=example("mashery-oauth flows forbid payments FLOW"),
)
@click.argument("service")
@click.argument("flow")
@on_store
async def forbid(store: Store, service: str, flow: str) -> Answer:
    """Turn a flow off, and say what lives on."""
    old = await services.show(store, service)
    new = await services.forbid(store, old.key, flow)
    already = f"{flow} was off already. " if old == new else ""
    return _answer(new, note=already + _LIVE_ON.format(key=new.key))
