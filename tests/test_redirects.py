"""Redirect URIs: one table of what others were caught by, and what is to become of each."""

from __future__ import annotations

import time
from dataclasses import replace

import pytest

from mashery_oauth.errors import Refusal
from mashery_oauth.models import Application, Policy, Redirection
from mashery_oauth.redirects import is_registrable, parse, resolve, with_fragment, with_query

from .redirect_uris import CB, FORCED, INVALID, LOOPBACKS, MISMATCH, MISSING, OK, SENT

APPLICATION = Application(id=1, client_id="c", site_id=1, name="a", redirect_uris=(CB,))
NATIVE = replace(APPLICATION, native=True)


def verdict(policy: Policy, application: Application, sent: str | None) -> str:
    """What becomes of a redirect URI: ``ok``, or the row that refuses it."""
    try:
        resolve(policy, application, sent)
    except Refusal as refusal:
        return refusal.row.name
    return OK


@pytest.mark.parametrize("is_native", [False, True], ids=["web", "native"])
@pytest.mark.parametrize(("sent", "wanted"), SENT, ids=[ascii(sent[:60]) for sent, _ in SENT])
def test_accepts_the_registered_text_and_no_other(sent: str, wanted: str, *, is_native: bool) -> None:
    found = verdict(Policy(redirect_match="exact"), replace(APPLICATION, native=is_native), sent)

    assert found == wanted


@pytest.mark.parametrize(
    "sent", [sent for sent, wanted in SENT if wanted == INVALID], ids=lambda sent: ascii(sent[:60])
)
def test_never_takes_an_ill_formed_one_even_where_any_would_do(sent: str) -> None:
    anybody = replace(APPLICATION, redirect_uris=())

    found = [verdict(Policy(redirect_match=match), anybody, sent) for match in ("registered", "any")]

    assert found == [INVALID, INVALID]
    assert not is_registrable(sent)


@pytest.mark.parametrize(("registered", "sent", "wanted"), LOOPBACKS)
def test_lets_a_native_application_choose_its_loopback_port_and_nothing_else(
    registered: str, sent: str, wanted: str
) -> None:
    application = replace(NATIVE, redirect_uris=(registered,))

    found = verdict(Policy(redirect_match="exact"), application, sent)

    assert found == wanted


def test_lets_nobody_else_choose_a_port() -> None:
    application = replace(APPLICATION, redirect_uris=("http://127.0.0.1/cb",))

    found = verdict(Policy(), application, "http://127.0.0.1:49152/cb")

    assert found == MISMATCH


@pytest.mark.parametrize(("uri", "web", "native"), FORCED)
def test_insists_on_https_but_for_native_applications_at_home(uri: str, web: str, native: str) -> None:
    policy = Policy(force_https=True)

    found = [verdict(policy, replace(each, redirect_uris=(uri,)), uri) for each in (APPLICATION, NATIVE)]

    assert found == [web, native]


@pytest.mark.parametrize("match", ["exact", "registered", "any"])
def test_takes_the_only_registered_one_when_none_is_sent(match: str) -> None:
    policy = Policy(redirect_match=match)

    found = resolve(policy, APPLICATION, None)

    assert found == Redirection(CB, sent=False, verified=True)
    assert verdict(policy, replace(APPLICATION, redirect_uris=()), None) == MISSING
    assert verdict(policy, replace(APPLICATION, redirect_uris=(CB, CB + "2")), None) == MISSING


@pytest.mark.parametrize(
    ("match", "registered", "wanted"),
    [
        ("exact", (), MISMATCH),
        ("exact", (CB,), MISMATCH),
        ("registered", (), OK),
        ("registered", (CB,), MISMATCH),
        ("any", (), OK),
        ("any", (CB,), OK),
    ],
)
def test_vouches_only_for_what_is_registered(match: str, registered: tuple[str, ...], wanted: str) -> None:
    policy, application = Policy(redirect_match=match), replace(APPLICATION, redirect_uris=registered)

    found = verdict(policy, application, "https://other.example.com/")

    assert found == wanted
    if found == OK:
        assert not resolve(policy, application, "https://other.example.com/").verified


@pytest.mark.parametrize(
    ("uri", "wanted"),
    [
        (CB, CB + "?code=1"),
        (CB + "?", CB + "?code=1"),
        (CB + "?a=b", CB + "?a=b&code=1"),
        (CB + "?a=b&", CB + "?a=b&code=1"),
        ("com.example.app:/cb", "com.example.app:/cb?code=1"),
    ],
)
def test_keeps_the_query_that_is_there(uri: str, wanted: str) -> None:
    assert with_query(uri, "code=1") == wanted
    assert with_fragment(uri, "code=1") == uri + "#code=1"


@pytest.mark.parametrize(
    "uri",
    [
        "https://[" + ":" * 4000 + "]/",
        "https://[" + "1:" * 2000 + "]/",
        "https://" + "a:" * 2000 + "/",
        "https://a/" + "%252525" * 500 + "/..",
        "https://a/" + "../" * 1300,
        "https://a/" + ";" * 4000,
    ],
    ids=["colons", "ipv6", "ports", "percent", "dots", "semicolons"],
)
def test_reads_what_blows_up_others_in_no_time(uri: str) -> None:
    started = time.perf_counter()

    for _ in range(20):
        parse(uri)

    assert time.perf_counter() - started < 1
