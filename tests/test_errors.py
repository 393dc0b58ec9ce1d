"""The table of errors: each row by itself, and what a refusal carries of it."""

from __future__ import annotations

import re

import pytest

from mashery_oauth import errors
from mashery_oauth.errors import AUTHORIZATION, INTERNAL_ERROR, INVALID_PARAMS, OAUTH, OTHER, ROWS, TOKEN, Refusal, Row
from mashery_oauth.models import Relay
from mashery_oauth.profiles import PROFILES

# RFC 6749 §4.1.2.1, §4.2.2.1 and §5.2; redirect_uri_mismatch is draft 10's; numbers are draft 16's
AT_AUTHORIZATION = frozenset(
    [
        "invalid_request",
        "unauthorized_client",
        "access_denied",
        "unsupported_response_type",
        "invalid_scope",
        "server_error",
        "temporarily_unavailable",
        "invalid_client",
        "redirect_uri_mismatch",
        "500",
        "503",
    ]
)
AT_TOKEN = frozenset(
    [
        "invalid_request",
        "invalid_client",
        "invalid_grant",
        "unauthorized_client",
        "unsupported_grant_type",
        "invalid_scope",
        "server_error",
        "temporarily_unavailable",
        "500",
        "503",
    ]
)

rows = pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)


def test_names_each_row_once() -> None:
    names = [row.name for row in ROWS]

    assert len(set(names)) == len(names)


@rows
def test_says_it_in_letters_that_can_be_sent_on(row: Row) -> None:
    if row is not errors.FIELD_REQUIRED:  # never sent on: it belongs to application.fetch and service.fetch
        assert re.fullmatch(r"[ !#-\[\]-~]+", row.message)


@rows
def test_has_an_oauth_error_where_a_client_is_to_hear_of_it(row: Row) -> None:
    told = [row.authorization, row.token]

    assert any(told) == (row.code == OAUTH or row in (errors.UNAVAILABLE, errors.INTERNAL))
    assert not row.redirect or row.authorization


@rows
@pytest.mark.parametrize("profile", PROFILES)
def test_uses_only_errors_that_the_standard_has_at_that_step(row: Row, profile: str) -> None:
    found = {step: errors.oauth_error(row, Relay(step, profile)) for step in (AUTHORIZATION, TOKEN, OTHER)}

    assert found[AUTHORIZATION] in AT_AUTHORIZATION | {""}
    assert found[TOKEN] in AT_TOKEN | {""}
    assert found[OTHER] == found[TOKEN]


def test_speaks_in_numbers_in_draft16_alone() -> None:
    numeric = {
        (row.name, profile)
        for row in ROWS
        for profile in PROFILES
        if errors.oauth_error(row, Relay(TOKEN, profile)).isdigit()
    }

    assert numeric == {("unavailable", "draft16"), ("internal_error", "draft16")}


def test_blames_nobody_else_for_our_trouble() -> None:
    assert {row.name for row in ROWS if row.code == INTERNAL_ERROR} == {"unavailable", "internal_error"}


def test_fills_the_blanks_of_a_sentence() -> None:
    refusal = Refusal(errors.FLOW_OFF, flow="password")

    assert refusal.message == "Flow password is not enabled for this service"


def test_names_the_argument_that_the_provider_got_wrong() -> None:
    refusal = errors.invalid_argument("client.client_id", "must be a string")

    assert refusal.row.code == INVALID_PARAMS
    assert refusal.message == "Invalid params: client.client_id must be a string"
    assert refusal.fields == (("client.client_id", "must be a string"),)


def test_is_told_at_the_place_where_it_was_first_known() -> None:
    first, second = Relay(TOKEN, "draft16"), Relay(OTHER, "draft10")

    refusal = Refusal(errors.INVALID_CODE).at(first).at(second)

    assert refusal.relay is first


def test_leaves_out_a_state_that_is_itself_ill_formed() -> None:
    assert errors.without_state(Relay(AUTHORIZATION, state="one\ntwo")).state is None
    assert [row.name for row in ROWS if row.drop_state] == ["invalid_state"]
