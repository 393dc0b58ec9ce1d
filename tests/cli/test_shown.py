"""Records as rows."""

from __future__ import annotations

from dataclasses import replace

import pytest

from mashery_oauth.cli.shown import brief, receipt_of_people, token, unchanged, whole
from mashery_oauth.models import Application, Caller, Service, Site
from mashery_oauth.operations.tokens import TokenState

CALLER = Caller("key", 100, "bank", secret="sealed", user="bank", password="hash")
APPLICATION = Application(1001, "shop", 100, "shop", secrets=("first", "second"))


def test_tells_the_number_of_secrets_and_none_of_them() -> None:
    caller, application = whole(CALLER), whole(APPLICATION)

    assert (caller["secrets"], caller["passwords"], application["secrets"]) == (1, 1, 2)
    assert not {"sealed", "hash"} & set(map(str, caller.values()))
    assert "first" not in str(application)


def test_tells_a_secret_that_was_made_just_now() -> None:
    row = whole(CALLER, secret="clear", password="")

    assert row["secret"] == "clear"
    assert "password" not in row


def test_tells_of_each_record_what_is_asked_for() -> None:
    assert brief([Site(1, "one"), Site(2, "two")], "id", "name") == [{"id": 1, "name": "one"}, {"id": 2, "name": "two"}]


def test_names_a_tokens_service_and_application() -> None:
    found = TokenState("access", True, "sha256:x", Service("s", 1, 100, "payments"), APPLICATION, expires=0)

    row = token(found)

    assert (row["service"], row["service_key"], row["client_id"]) == ("payments", "s", "shop")
    assert row["expires_at"] == "1970-01-01T00:00:00+00:00"


def test_a_tokens_service_may_be_gone() -> None:
    row = token(TokenState("access", False, "sha256:x", None, None))

    assert (row["service"], row["application"], row["expires_at"]) == (None, None, None)


@pytest.mark.parametrize(("dry_run", "word"), [(True, "target"), (False, "revoked")])
def test_nothing_was_revoked_in_a_dry_run(word: str, *, dry_run: bool) -> None:
    row = {"level": "user", "revoked": "alice", "dry_run": dry_run}

    assert list(receipt_of_people(row).items()) == [("level", "user"), (word, "alice"), ("dry_run", dry_run)]


def test_a_record_that_is_as_it_was_is_said_to_be() -> None:
    assert unchanged(APPLICATION, replace(APPLICATION)) == "There was nothing to change."
    assert unchanged(APPLICATION, replace(APPLICATION, native=True)) == ""
