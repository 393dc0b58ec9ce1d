"""The provider as a target of replay: a service of each text, with the clients that its scenarios want."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from mashery_oauth.cli.replayed import PUBLIC_CLIENTS, TEXTS
from mashery_oauth.flows import FLOWS
from mashery_oauth.replay import Client, Login, Report, Target, cast, play, rule_sets, tried
from mashery_oauth.replay.verdict import FAILED
from tests.world import HTTPS, SECRET

from .visiting import PASSWORD, WORDS, OpenStage, Stage

PAGE = Path(__file__).parents[2] / "docs" / "replay.rst"
EXPIRES = "code_expired"  # the scenario that waits for it
MAIN_URIS = (HTTPS, f"{HTTPS}?kept=1")
SECOND_URIS, PUBLIC_URIS = ("https://other.example.com/cb",), ("https://public.example.com/cb",)


async def staged(open_stage: OpenStage, text: str, *, code_lifetime: float = 0, **policy: Any) -> Target:
    """A provider in front of a service that follows a text, on one node."""
    start, members = TEXTS[text]
    allowed = {"scopes": frozenset(WORDS), **members, **policy}
    stage = await open_stage(start, rendering=text, policy=allowed, client={"redirect_uris": MAIN_URIS})
    second = await stage.world.add_application(stage.service, redirect_uris=SECOND_URIS)
    clients = {
        "main": Client(stage.application.client_id, SECRET, MAIN_URIS),
        "second": Client(second.client_id, SECRET, SECOND_URIS),
    }
    if text in PUBLIC_CLIENTS:
        public = await stage.world.add_application(stage.service, secret=None, type="public", redirect_uris=PUBLIC_URIS)
        clients["public"] = Client(public.client_id, "", PUBLIC_URIS)
    return _described(stage, clients, code_lifetime)


def _described(stage: Stage, clients: dict[str, Client], code_lifetime: float) -> Target:
    """All of it."""
    oauth2 = f"{stage.issuer}/oauth2"
    return Target(
        f"{oauth2}/token",
        clients,
        authorize_url=f"{oauth2}/authorize",
        revoke_url=f"{oauth2}/revoke",
        introspect_url=f"{oauth2}/introspect",
        resource_url=f"{stage.issuer}/resource/payments",
        login=Login(),
        user="anna",
        password=PASSWORD,
        scopes=tuple(WORDS),
        flows=tuple(FLOWS),
        pkce=True,
        code_lifetime=code_lifetime,
    )


async def played(target: Target, text: str) -> Report:
    """All scenarios of a text; the one that waits for a lifetime where that is short, and only there."""
    waits = target.code_lifetime > 0
    await tried(target, cast([text]))
    return await play(target, [each for each in cast([text]) if waits == (each[1].name == EXPIRES)])


def failed_rules(report: Report, text: str) -> list[str]:
    """The names of the statements that were broken."""
    return [each.rule.name for each in report.rules(rule_sets()[text]) if each.outcome == FAILED]
