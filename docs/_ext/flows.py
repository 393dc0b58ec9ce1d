"""A page per flow, from the flow's own file."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

from mashery_oauth.flow import Flow
from mashery_oauth.flows import FLOWS
from mashery_oauth.presets import PRESETS
from mashery_oauth.profiles import PROFILES

from .tables import block, code, codes, heading, in_order, table, yes


def write_pages(folder: Path) -> None:
    """Writes the page of each flow that there is, and removes those of flows that are gone."""
    for page in folder.glob("*.rst"):
        if page.stem not in FLOWS and page.stem != "index":
            page.unlink()
    for name in FLOWS:
        path, text = folder / f"{name}.rst", "\n".join([*heading(name, "="), f".. flow-page:: {name}", ""])
        if not path.exists() or path.read_text() != text:
            path.write_text(text)


def summaries() -> Iterator[str]:
    """All flows and where each is on."""
    header = ("Flow", "What it does", "On in the presets")
    rows = ((f":doc:`{name}`", flow.summary, codes(in_order(flow.presets, PRESETS))) for name, flow in FLOWS.items())
    yield from table(header, rows)


def page(name: str) -> Iterator[str]:
    """What one flow's file says."""
    flow = FLOWS[name]
    yield from (flow.summary, "", f"Text: {flow.section}.", "")
    yield from heading("Where it is known")
    yield from table(("Question", "Answer"), _facts(flow))
    yield from heading("What selects it")
    yield from table(("Profile", *PROFILES), _selectors(flow))
    yield from heading("What it requires")
    yield from _requirements(flow)
    yield from heading("What decides the flow in a call")
    yield from block("json", json.dumps(_skeleton(flow), indent=2))


def _facts(flow: Flow) -> Iterator[tuple[str, str]]:
    yield "Profiles that know it", codes(in_order(flow.profiles, PROFILES))
    yield "Presets in which it is on", codes(in_order(flow.presets, PRESETS))
    yield "Its token is made at", "the authorization step" if flow.at_authorization else "the token step"
    yield "Has an authorization step before", yes(flow.authorize)
    yield "May yield a refresh token in", codes(in_order(flow.refreshable, PROFILES))
    yield "Open to public applications, where the profile has such", yes(flow.public)
    yield "Its scope comes from an earlier grant", yes(flow.narrows_scope)


def _selectors(flow: Flow) -> Iterator[tuple[str, ...]]:
    grant_types = (
        codes(word for word, profiles in flow.grant_types.items() if profile in profiles & flow.profiles)
        for profile in PROFILES
    )
    yield (code("grant_type"), *grant_types)
    yield (
        code("response_type"),
        *(code(flow.response_type or "") if profile in flow.profiles else "" for profile in PROFILES),
    )


def _requirements(flow: Flow) -> Iterator[str]:
    if not flow.requires:
        yield from ("Nothing beyond the client's credentials.", "")
        return
    rows = (
        (code(needed.argument), codes(in_order(needed.profiles & flow.profiles, PROFILES)), code(needed.row.name))
        for needed in flow.requires
    )
    yield from table(("Argument", "In the profiles", "Refused without it as"), rows)


def _skeleton(flow: Flow) -> dict[str, dict[str, str]]:
    """The arguments of createAccessToken that matter, with blanks to fill."""
    token_data = {"grant_type": next(iter(flow.grant_types))}
    token_data |= {needed.argument: "..." for needed in flow.requires if needed.argument != "redirect_uri"}
    uri = any(needed.argument == "redirect_uri" for needed in flow.requires) or flow.at_authorization
    return {"token_data": token_data} | ({"uri": {"redirect_uri": "..."}} if uri else {})
