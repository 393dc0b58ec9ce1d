"""What reports may show."""

from __future__ import annotations

import base64
import json
from urllib.parse import quote, quote_plus, urlencode

from hypothesis import given
from hypothesis import strategies as st

from mashery_oauth.replay import Answer
from mashery_oauth.replay.masking import Masker, short

SECRETS = st.text(min_size=8, max_size=40).filter(lambda text: text.strip() == text and len(set(text)) > 3)


@given(SECRETS, st.sampled_from(["access_token", "refresh_token", "code", "mac_key", "unheard_of", "id_token"]))
def test_no_member_shows_a_secret(secret: str, name: str) -> None:
    places = (
        Answer(200, {}, json.dumps({name: secret}).encode()),
        Answer(302, location=f"https://client.example/cb?{urlencode({name: secret})}"),
        Answer(302, location=f"https://client.example/cb#{urlencode({name: secret})}"),
    )

    told = [Masker([]).told(answer) for answer in places]

    assert [text for text in told if secret in text or quote(secret) in text] == []
    assert all(f"{name}={short(secret)}" in text for text in told)


@given(SECRETS, SECRETS)
def test_a_secret_that_is_known_is_shown_nowhere(secret: str, other: str) -> None:
    answer = Answer(
        400, {"www-authenticate": f"x {secret}"}, json.dumps({"error_description": f"{other}{secret}"}).encode()
    )
    masker = Masker([other])
    masker.learn(secret)

    told = masker.told(answer) + masker.mask(f"{quote(secret, safe='')} {quote_plus(secret)} {secret}")

    assert secret not in told
    assert base64.b64encode(secret.encode()).decode() not in told


def test_what_an_answer_had_is_known_from_then_on() -> None:
    masker = Masker([])
    masker.learn_all(Answer(200, {}, b'{"access_token": "abcdefghijklmnop", "scope": "read write", "message": "ok"}'))

    told = masker.mask("abcdefghijklmnop is ok for read write")

    assert told == "abcd\N{HORIZONTAL ELLIPSIS} is ok for read write"


def test_the_first_four_characters_are_kept_of_what_is_long() -> None:
    assert (short("abcdefghijkl"), short("abcdefghijk")) == ("abcd\N{HORIZONTAL ELLIPSIS}", "\N{HORIZONTAL ELLIPSIS}")


def test_an_answer_is_told_in_one_line() -> None:
    body = b'{"error": "invalid_grant", "expires_in": 5, "active": false, "list": ["secret"], "none": null}'

    told = Masker([]).told(Answer(400, {"cache-control": "no-store", "set-cookie": "session=secret"}, body))

    assert told == (
        "status 400, cache-control: no-store, error=invalid_grant expires_in=5 active=false list=list none=none"
    )


def test_a_page_is_told_by_its_length() -> None:
    assert (
        Masker([]).told(Answer(200, {"content-type": "text/html"}, b"<p>secret"))
        == "status 200, content-type: text/html, 9 octets"
    )
