"""The tables of libraries that go through the provider's flows, from what the tests go through."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from tests.real_clients.errand import Library
from tests.real_clients.libraries import LIBRARIES
from tests.real_clients.matrix import FLOWS, PROFILES, REFUSALS, version_of

from .tables import Gap, code, codes
from .tables import table as list_table


def flows() -> Iterator[str]:
    """A row for each flow, a column for each library: the profiles under which it comes to a good end."""
    known = {*FLOWS}
    for library in LIBRARIES:
        if {*library.flows} | {*library.missing} != known or {*library.flows} & {*library.missing}:
            raise Gap(f"{library.name}: each flow must be done, or be missing for a reason")
    header = ("Flow", *(f"{library.name} ({version_of(library)})" for library in LIBRARIES))
    yield from list_table(header, ((words, *_row(flow)) for flow, words in FLOWS.items()))


def _row(flow: str) -> Iterator[str]:
    profiles = codes(profile for profile in PROFILES if (profile, flow) not in REFUSALS)
    for library in LIBRARIES:
        yield profiles if flow in library.flows else ""


def missing() -> Iterator[str]:
    """What libraries do not have, and why."""
    yield from _reasons("Why it is not there", [(library, library.missing) for library in LIBRARIES])


def deaf() -> Iterator[str]:
    """Refusals that libraries do not hear."""
    yield from _reasons("When it is refused by redirection", [(library, library.deaf) for library in LIBRARIES])


def _reasons(header: str, reasons: list[tuple[Library, Mapping[str, str]]]) -> Iterator[str]:
    rows = [(library.name, FLOWS[flow], why) for library, whys in reasons for flow, why in whys.items()]
    yield from list_table(("Library", "Flow", header), rows)


def refusals() -> Iterator[str]:
    """What a profile does not have, and the error that clients are told."""
    rows = [(code(profile), FLOWS[flow], code(error)) for (profile, flow), error in REFUSALS.items()]
    yield from list_table(("Profile", "Flow", "Error"), rows)
