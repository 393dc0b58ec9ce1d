"""What reports may show."""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Callable
from urllib.parse import quote, quote_plus, urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mashery_oauth.replay import Answer, Client, Login, Target
from mashery_oauth.replay.expectations import Check, Expectation
from mashery_oauth.replay.judging import judge
from mashery_oauth.replay.masking import (
    BEYOND,
    ELLIPSIS,
    LONGEST,
    LONGEST_TEXT,
    MOST_LEARNT,
    MOST_MEMBERS,
    Masker,
    is_plain,
    short,
)
from mashery_oauth.replay.scenario import Claim
from mashery_oauth.replay.verdict import FAILED

from ..effort import tally

SECRETS = st.text(min_size=8, max_size=40).filter(lambda text: text.strip() == text and len(set(text)) > 3)
FILLER = "\N{BLACK SQUARE}"


@pytest.mark.parametrize("client_id", ["shop", "a:b", "main-client", "3kq0", "ein Geschäft"])
@pytest.mark.parametrize("encode", [str, quote_plus])
def test_a_client_is_not_shown_as_its_header_has_it(client_id: str, encode: Callable[[str], str]) -> None:
    """A server that repeats the Authorization had the secret shown whole, where the identifier was of most lengths."""
    client = Client(client_id, "secret/of the+client")
    target = Target("https://server.example/token", {"main": client})
    sent = base64.b64encode(f"{encode(client_id)}:{encode(client.client_secret)}".encode()).decode()

    told = Masker(target.secrets).told(described(f"cannot use Basic {sent}"))

    assert sent[len(sent) // 2 :] not in told


@pytest.mark.parametrize("spelled", [quote_plus, quote, lambda text: quote(text, safe="").lower()])
def test_a_secret_is_known_however_it_is_encoded(spelled: Callable[[str], str]) -> None:
    secret = "abcd/of the+clientä"

    told = Masker([secret]).told(described(spelled(secret)))

    assert "of" not in told.partition("error_description")[2]


def test_no_value_of_a_cookie_is_shown() -> None:
    login = Login(cookie="session=cookie-of-anna; theme=dark")
    target = Target("https://server.example/token", {}, login=login)

    told = Masker(target.secrets).told(described("no session cookie-of-anna in a dark room"))

    assert "of-anna" not in told
    assert "dark room" in told


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
        "status 400, cache-control: no-store, "
        "error=invalid_grant expires_in=5 active=false list=[\N{HORIZONTAL ELLIPSIS}] none=none"
    )


def test_a_page_is_told_by_its_length() -> None:
    assert (
        Masker([]).told(Answer(200, {"content-type": "text/html"}, b"<p>secret"))
        == "status 200, content-type: text/html, 9 octets"
    )


def described(text: str) -> Answer:
    """An answer that shows a text."""
    return Answer(400, {"www-authenticate": text}, json.dumps({"error_description": text}).encode())


@given(SECRETS.filter(lambda text: FILLER not in text), st.integers(0, LONGEST + 50), st.sampled_from([1, 40, 2000]))
def test_a_secret_that_reaches_over_the_cut_is_not_shown(secret: str, at: int, behind: int) -> None:
    """A description that was cut before it was masked showed the beginning of a secret that stood there."""
    told = Masker([secret]).told(described(FILLER * at + secret + FILLER * behind))

    shown = told.replace(short(secret), "").partition(": ")[2]
    assert FILLER in shown
    assert not set(shown.replace(", error_description=", "")) - {FILLER, *ELLIPSIS, *short(secret)}


@given(SECRETS, st.integers(0, 39))
def test_what_masking_makes_shorter_shows_no_more_than_was_looked_at(secret: str, reach: int) -> None:
    """Secrets that are short once they are masked bring into sight what is looked at last: the beginning of another."""
    long, other = "1234567890" * 40, "abcdefghijklmnopqrstuvwxy"
    masker = Masker([secret, long, other])
    text = long * 2 + other * 10 + "-" * (LONGEST + BEYOND - 1050 - min(reach, len(secret) - 1)) + secret

    told = masker.mask(text, LONGEST)

    assert set(told) <= {"-", *ELLIPSIS, *short(secret), *short(long), *short(other)}
    assert len(told) <= LONGEST + 1


def test_members_and_names_are_shown_up_to_a_number_and_a_length() -> None:
    members = {f"{number}-{'n' * 500}": "value" for number in range(MOST_MEMBERS + 5)}

    told = Masker([]).told(Answer(200, {"allow": "x" * 500}, json.dumps(members).encode()))

    assert told.endswith(" and 5 more")
    assert told.count(f"={ELLIPSIS}") == MOST_MEMBERS
    assert all(len(word) <= LONGEST + 3 for word in told.split())


def test_a_long_text_is_cut() -> None:
    assert Masker([]).mask("x" * (LONGEST_TEXT + 1)) == "x" * LONGEST_TEXT + ELLIPSIS
    assert Masker([]).mask("x" * LONGEST_TEXT) == "x" * LONGEST_TEXT


def test_values_inside_others_are_known_too() -> None:
    masker = Masker([])

    masker.learn_all(Answer(200, {}, b'{"data": [{"token": "first-inner-token"}, ["second-inner-token"]]}'))
    masker.learn_all(Answer(302, location="https://client.example/cb?code=third-of-two-codes&code=fourth-of-two-codes"))

    told = masker.told(described("first-inner-token second-inner-token third-of-two-codes fourth-of-two-codes"))
    assert "inner-token" not in told
    assert "of-two-codes" not in told


@pytest.mark.parametrize("many", [MOST_LEARNT + 1, 40_000])
def test_where_there_are_too_many_values_nothing_that_a_server_says_is_shown(many: int) -> None:
    tokens = [f"token-number-{number}" for number in range(many)]
    masker = Masker([])

    masker.learn_all(Answer(200, {}, json.dumps(dict.fromkeys(tokens, "") | {t[6:]: t for t in tokens}).encode()))

    told = [masker.told(described(tokens[-1])), masker.told(Answer(302, location=f"https://{tokens[-1]}/"))]
    told.append(masker.told(Answer(200, {"allow": tokens[-1]}, json.dumps({tokens[-1]: 1}).encode())))
    assert "".join(told).count("token-number") == 0
    assert all(text.startswith("status ") for text in told)
    assert masker.error(Answer(400, {}, json.dumps({"error": tokens[-1]}).encode())) == ""


def test_as_many_values_as_there_is_room_for_are_all_known() -> None:
    tokens = [f"token-number-{number}" for number in range(MOST_LEARNT)]
    masker = Masker([])

    for _ in range(2):  # what is known already takes no room
        masker.learn_all(Answer(200, {}, json.dumps({"tokens": tokens}).encode()))

    assert masker.told(described(tokens[-1])).count(short(tokens[-1])) == 2


@pytest.mark.parametrize("name", ["access_token", "code", "unheard_of"])
def test_a_long_number_is_masked_as_a_text_is(name: str) -> None:
    answer = Answer(200, {}, json.dumps({name: 1234567890123, "expires_in": 12345678, "small": 7}).encode())

    assert Masker([]).told(answer) == f"status 200, {name}=1234{ELLIPSIS} expires_in=12345678 small=7"


def test_whether_a_place_is_no_secret_depends_on_its_name() -> None:
    assert [is_plain(place) for place in ("query.iss", "json.scope", "query.code", "json.access_token")] == [
        True,
        True,
        False,
        False,
    ]


MEGABYTE = 1 << 20
SHAPES = {
    "many members": json.dumps({f"name-{number}": f"value-{number}" for number in range(35_000)}),
    "many short members": json.dumps({f"{number}": "x" for number in range(70_000)}),
    "one name": json.dumps({"n" * MEGABYTE: "some value"}),
    "one value": json.dumps({"access_token": "v" * MEGABYTE}),
    "one description": json.dumps({"error_description": "v" * MEGABYTE}),
    "one error": json.dumps({"error": "\xe4" * (MEGABYTE // 6)}),
    "a list of values": json.dumps({"list": [f"value-{number}" for number in range(70_000)]}),
    "values alike": json.dumps({f"{number}": "a" * 4000 + str(number) for number in range(200)}),
    "values and a description": json.dumps(
        {f"{number}": "a" * 100 + str(number) for number in range(190)} | {"error_description": "a" * MEGABYTE}
    ),
    "brackets": "[" * MEGABYTE,
    "objects": '{"a":' * (MEGABYTE // 5),
    "digits": '{"a": 1' + "0" * MEGABYTE + "}",
    "decimals": '{"a": 1.' + "1" * MEGABYTE + "}",
    "one name again and again": "{" + '"a": "some-value",' * (MEGABYTE // 18) + '"b": 1}',
    "escapes": '{"error_description": "' + "\\ud800" * (MEGABYTE // 6) + '"}',
}


@pytest.mark.parametrize("shape", SHAPES)
def test_no_answer_takes_long_to_judge(shape: str) -> None:
    """Found by an attack: an answer with thousands of values was masked one by one, in a text with all of them."""
    answers = [Answer(200, {"www-authenticate": "a" * 8000}, SHAPES[shape].encode()) for _ in range(3)]
    masker = Masker(["a secret of the target"])
    checks = tuple(Check(f"json.{name}", "equals", "x") for name in ("error", "access_token", "token_type"))
    claims = [Claim(("X",), "", Expectation(status=(400,), checks=checks), 1, 1) for _ in range(6)]

    for answer in answers:
        began = time.process_time()
        masker.learn_all(answer)
        verdicts = [judge(claim, [answer], {}, masker) for claim in claims]

        assert time.process_time() - began < 1
        assert {verdict.outcome for verdict in verdicts} == {FAILED}
        assert all(len(verdict.received) < 10_000 for verdict in verdicts)
        tally("nasty answers judged")
