"""Of two things that are wrong the one that is checked first is told: both steps, every pair of checks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import combinations
from typing import Any

import pytest

from tests.world import HTTPS, SECRET, World

ELSEWHERE = "https://elsewhere.example.com/cb"


@dataclass
class Case:
    """What is going to be configured, and asked."""

    policy: dict[str, Any] = field(default_factory=dict)
    application: dict[str, Any] = field(default_factory=dict)
    service_key: str | None = None
    client: dict[str, Any] = field(default_factory=dict)
    uri: dict[str, Any] = field(default_factory=lambda: {"redirect_uri": HTTPS})
    asked: dict[str, Any] = field(default_factory=dict)

    async def error(self, world: World, method: str) -> Any:
        """The error that a method answers with."""
        service = await world.add_service(**self.policy)
        client = await world.add_application(service, **self.application)
        asked = {"token_data": self.asked} if method == "createAccessToken" else self.asked
        return (
            await world.call(
                method,
                {
                    "service_key": self.service_key or service.key,
                    "client": {"client_id": client.client_id} | self.client,
                    "uri": self.uri,
                    **asked,
                },
            )
        ).error


Break = Callable[[Case], object]


@dataclass(frozen=True, slots=True)
class Check:
    """How to violate a check, and what is said of it."""

    name: str
    violate: Break
    sentence: str


def at_authorization(flow: str) -> list[Check]:
    """The checks of the authorization step, in order."""
    return [
        Check("service", lambda case: setattr(case, "service_key", "none"), "Unknown service key"),
        Check("client", lambda case: case.client.update(client_id="nobody"), "Invalid client identifier"),
        Check("redirect", lambda case: case.uri.update(redirect_uri=ELSEWHERE), "Redirect URI mismatch"),
        Check("response", lambda case: case.asked.update(response_type="soup"), "Unsupported response type"),
        Check(
            "on",
            lambda case: case.policy.update(flows=frozenset({"password"})),
            f"Flow {flow} is not enabled for this service",
        ),
        Check(
            "allowed",
            lambda case: case.application.update(flows=frozenset({"password"})),
            f"Flow {flow} is not allowed for this client",
        ),
        Check(
            "pkce",
            lambda case: case.asked.update(code_challenge="short"),
            "Code challenge is invalid",
        ),
        Check("scope", lambda case: case.asked.update(scope='"'), "Invalid scope"),
    ]


Pair = tuple[Check, Check]


def pairs(checks: list[Check]) -> list[Pair]:
    """Every check with every later one; but a secret cannot be both wrong and missing."""
    exclusive = {"sent secret", "missing secret"}
    return [pair for pair in combinations(checks, 2) if {check.name for check in pair} != exclusive]


def named(pair: Pair) -> str:
    """The names of two checks."""
    return f"{pair[0].name} before {pair[1].name}"


@pytest.mark.parametrize("pair", pairs(at_authorization("authorization_code")), ids=named)
@pytest.mark.parametrize("method", ["fetchApplication", "createAuthorizationCode"])
async def test_the_authorization_step_checks_in_order(one_world: World, method: str, pair: Pair) -> None:
    earlier, later = pair
    case = Case(asked={"response_type": "code"})
    later.violate(case)
    earlier.violate(case)

    error = await case.error(one_world, method)

    assert error["message"] == earlier.sentence


IMPLICIT = [check for check in at_authorization("implicit") if check.name != "pkce"]
SPELLINGS = [
    *(({"response_type": "token"}, pair) for pair in pairs(IMPLICIT)),
    *(({"grant_type": "implicit"}, pair) for pair in pairs([check for check in IMPLICIT if check.name != "response"])),
]


@pytest.mark.parametrize(
    ("spelling", "pair"), SPELLINGS, ids=lambda value: named(value) if type(value) is tuple else ""
)
async def test_an_implicit_token_is_checked_in_the_same_order(
    one_world: World, spelling: dict[str, str], pair: Pair
) -> None:
    earlier, later = pair
    case = Case(asked=dict(spelling))
    later.violate(case)
    earlier.violate(case)

    error = await case.error(one_world, "createAccessToken")

    assert error["message"] == earlier.sentence


@pytest.mark.parametrize("check", at_authorization("implicit")[4:], ids=lambda check: check.name)
async def test_a_code_is_never_made_for_response_type_token_whatever_else_is_wrong(
    one_world: World, check: Check
) -> None:
    case = Case(asked={"response_type": "token"})
    check.violate(case)

    error = await case.error(one_world, "createAuthorizationCode")

    assert error["message"] == "Unsupported response type"


TOKEN_STEP = [
    Check("service", lambda case: setattr(case, "service_key", "none"), "Unknown service key"),
    Check("client", lambda case: case.client.update(client_id="nobody"), "Invalid client identifier"),
    Check("sent secret", lambda case: case.client.update(client_secret="wrong"), "Invalid client credentials"),
    Check("selectors", lambda case: case.asked.update(response_type="token"), "Grant type and response type disagree"),
    Check("known", lambda case: case.asked.update(grant_type="soup"), "Unsupported grant type"),
    Check(
        "on",
        lambda case: case.policy.update(flows=frozenset({"password"})),
        "Flow authorization_code is not enabled for this service",
    ),
    Check(
        "allowed",
        lambda case: case.application.update(flows=frozenset({"password"})),
        "Flow authorization_code is not allowed for this client",
    ),
    Check("missing secret", lambda case: case.client.pop("client_secret"), "Invalid client credentials"),
    Check("arguments", lambda case: case.uri.clear(), "Redirect URI is required"),
    Check("code", lambda case: case.asked.update(code="some"), "Invalid authorization code"),
]


@pytest.mark.parametrize("pair", pairs(TOKEN_STEP), ids=named)
async def test_the_token_step_checks_in_order(one_world: World, pair: Pair) -> None:
    earlier, later = pair
    case = Case(client={"client_secret": SECRET}, asked={"grant_type": "authorization_code", "code": "any"})
    later.violate(case)
    earlier.violate(case)

    error = await case.error(one_world, "createAccessToken")

    assert error["message"] == earlier.sentence


STEP_ERRORS = [
    ("fetchApplication", {}, "unauthorized_client", "invalid_client"),
    ("createAuthorizationCode", {}, "unauthorized_client", "invalid_client"),
    ("createAccessToken", {"grant_type": "implicit"}, "unauthorized_client", "invalid_client"),
    ("createAccessToken", {"response_type": "token"}, "unauthorized_client", "invalid_client"),
    (
        "createAccessToken",
        {"response_type": "token", "grant_type": "implicit"},
        "unauthorized_client",
        "invalid_client",
    ),
    ("createAccessToken", {"grant_type": "authorization_code"}, "invalid_client", "invalid_client"),
    ("createAccessToken", {"grant_type": "password"}, "invalid_client", "invalid_client"),
    ("createAccessToken", {"grant_type": "refresh_token"}, "invalid_client", "invalid_client"),
    ("createAccessToken", {"grant_type": "soup"}, "invalid_client", "invalid_client"),
    ("createAccessToken", {"grant_type": "implicit", "response_type": "code"}, "invalid_client", "invalid_client"),
    ("createAccessToken", {"response_type": "code"}, "invalid_client", "invalid_client"),
    ("createAccessToken", {}, "invalid_client", "invalid_client"),
]


@pytest.mark.parametrize(("method", "asked", "error", "error_in_draft10"), STEP_ERRORS)
async def test_errors_follow_the_step_and_not_the_method(
    one_world: World, method: str, asked: dict[str, str], error: str, error_in_draft10: str
) -> None:
    unknown = Case(client={"client_id": "nobody"}, asked=asked)
    unknown_in_draft10 = Case(client={"client_id": "nobody"}, asked=asked, policy={"start": "draft10"})

    found = await unknown.error(one_world, method)
    found_in_draft10 = await unknown_in_draft10.error(one_world, method)

    assert found["error"]["error"] == error
    assert found_in_draft10["error"]["error"] == error_in_draft10
