"""Where a statement is to be read."""

from __future__ import annotations

import pytest

from mashery_oauth.replay import rule_sets
from mashery_oauth.replay.reports.sources import Place, places, section_of
from mashery_oauth.replay.rules import Rule

RULES = {rule.name: rule for found in rule_sets().values() for rule in found.rules.values()}
TEXTS = "https://datatracker.ietf.org/doc/html"


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("D10-20", [("Draft 10 §4.2", f"{TEXTS}/draft-ietf-oauth-v2-10#section-4.2")]),
        (
            "D16-33",
            [
                ("Draft 16 §4.1.2", f"{TEXTS}/draft-ietf-oauth-v2-16#section-4.1.2"),
                ("§10.9", f"{TEXTS}/draft-ietf-oauth-v2-16#section-10.9"),
            ],
        ),
        ("RFC6749-4.1.2-ONCE", [("RFC 6749 §4.1.2", f"{TEXTS}/rfc6749#section-4.1.2")]),
        ("RFC9700-4.14", [("RFC 9700 §4.14", f"{TEXTS}/rfc9700#section-4.14")]),
        ("OAUTH21-4.1.3-ONCE", [("OAuth 2.1 §4.1.3", f"{TEXTS}/draft-ietf-oauth-v2-1-16#section-4.1.3")]),
        ("CVE-2024-8883", [("Keycloak, CVE-2024-8883", "https://www.cve.org/CVERecord?id=CVE-2024-8883")]),
        (
            "GHSA-484q-784p-8m5h",
            [("Keycloak, GHSA-484q-784p-8m5h", "https://github.com/advisories/GHSA-484q-784p-8m5h")],
        ),
        ("BAR-TOKEN", [("Authentication", "")]),
    ],
)
def test_a_statement_leads_to_its_source(name: str, told: list[tuple[str, str]]) -> None:
    assert places(RULES[name]) == tuple(Place(*each) for each in told)


@pytest.mark.parametrize("rule", RULES.values(), ids=RULES)
def test_every_section_that_a_statement_names_is_a_place(rule: Rule) -> None:
    found = places(rule)

    assert len(found) == len(rule.section.split(", "))
    assert all(each.url for each in found) or rule.name.startswith("BAR-")
    assert [each.text for each in found if not each.text] == []


def test_a_bare_number_says_of_which_text_it_is() -> None:
    told = [section_of(RULES[name]) for name in ("RFC9700-4.14", "D16-33", "RFC6749-5.1", "BAR-TOKEN", "CVE-2024-8883")]

    assert told == ["RFC 9700 §4.14", "§4.1.2, §10.9", "RFC 6749 §5.1", "Authentication", "Keycloak"]
