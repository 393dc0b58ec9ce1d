"""Where a bearer token may be, over the years."""

from __future__ import annotations

import pytest

from mashery_oauth.provider.bearer import Malformed, bearer_token, scheme_of
from mashery_oauth.provider.renderings import RENDERINGS

TOKEN = "vF9dft4qmT"
SCHEMES = {"draft10": "OAuth", "barracuda": "OAuth", "draft16": "Bearer", "rfc6749": "Bearer", "oauth21": "Bearer"}
IN_BODY = {
    "draft10": {"oauth_token"},
    "barracuda": {"oauth_token"},
    "draft16": {"bearer_token", "access_token"},
    "rfc6749": {"access_token"},
    "oauth21": {"access_token"},
}
IN_QUERY = IN_BODY | {"oauth21": set()}
NAMES = ("oauth_token", "bearer_token", "access_token")


@pytest.mark.parametrize("name", RENDERINGS)
def test_every_text_has_its_own_places(name: str) -> None:
    rendering = RENDERINGS[name]

    schemes = {
        scheme
        for scheme in ("OAuth", "Bearer", "Token", "OAuth2", "MAC")
        if bearer_token(f"{scheme} {TOKEN}", (), (), rendering)
    }
    body = {each for each in NAMES if bearer_token(None, (), [(each, TOKEN)], rendering) == TOKEN}
    query = {each for each in NAMES if bearer_token(None, [(each, TOKEN)], (), rendering) == TOKEN}

    assert schemes == {SCHEMES[name]}
    assert (body, query) == (IN_BODY[name], IN_QUERY[name])


@pytest.mark.parametrize("name", RENDERINGS)
@pytest.mark.parametrize("change", [str.lower, str.upper, str.title])
def test_the_case_of_a_scheme_does_not_matter(name: str, change: type) -> None:
    scheme = change(SCHEMES[name])

    assert bearer_token(f"{scheme} {TOKEN}", (), (), RENDERINGS[name]) == TOKEN
    assert scheme_of(f"{scheme} x") == SCHEMES[name].lower()


@pytest.mark.parametrize("name", RENDERINGS)
def test_two_tokens_are_one_too_many(name: str) -> None:
    rendering = RENDERINGS[name]
    header, (first, *_) = f"{SCHEMES[name]} {TOKEN}", rendering.parameters
    pair = (first, TOKEN)

    ways: list[tuple[str | None, list[tuple[str, str]], list[tuple[str, str]]]]
    ways = [(header, [], [pair]), (None, [], [pair, pair])]
    if rendering.in_query:
        ways += [(header, [pair], []), (None, [pair], [pair]), (None, [pair, pair], [])]
    for given, query, body in ways:
        with pytest.raises(Malformed):
            bearer_token(given, query, body, rendering)


@pytest.mark.parametrize("text", ["", "a b", "tök", "a\tb", "\x7f"])
def test_what_has_other_letters_is_no_token(text: str) -> None:
    with pytest.raises(Malformed):
        bearer_token(f"Bearer {text}", (), (), RENDERINGS["draft16"])


def test_everything_behind_the_scheme_is_the_token_in_draft_10() -> None:
    """Comma and ``=`` are letters of its tokens, so nothing that follows can be told apart (draft 10 §5.1.1)."""
    assert bearer_token('OAuth a,b="c"', (), (), RENDERINGS["draft10"]) == 'a,b="c"'


def test_a_request_of_oauth_1_has_no_token() -> None:
    header = 'OAuth realm="x",oauth_token="y",oauth_signature_method="HMAC-SHA1"'

    assert bearer_token(header, (), (), RENDERINGS["draft10"]) is None
