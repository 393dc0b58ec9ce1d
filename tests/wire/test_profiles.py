"""The profiles, switch by switch: what differs between the four texts that a service can follow."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from mashery_oauth.operation import OperationError
from mashery_oauth.pkce import s256
from mashery_oauth.presets import preset
from mashery_oauth.rails import check_policy
from tests.world import HTTPS, SECRET, World

from .conditions import PROFILES
from .profiles import PUBLIC, across, outcome, staged
from .scene import TOKEN, VERIFIER

together = pytest.mark.asyncio(loop_scope="module")


@together
@across("selector", "none", "client_credentials", "client_credentials", "client_credentials")
async def test_no_user_selector(stage: World, profile: str, selector: str) -> None:
    scene = await staged(stage, profile)

    found = {name: outcome(await scene.token({"grant_type": name})) for name in ("none", "client_credentials")}

    assert [name for name, result in found.items() if result == "ok"] == [selector]
    assert set(found.values()) == {"ok", "unsupported_grant_type"}


@together
@across("implicit,password", ("ok", "ok"), ("ok", "ok"), ("ok", "ok"), ("unsupported_response_type", "unsupported_grant_type"))  # fmt: skip # noqa: E501
async def test_implicit_and_password_available(stage: World, profile: str, implicit: str, password: str) -> None:
    scene = await staged(stage, profile, TOKEN, flows=frozenset({"implicit", "password"}))

    found = outcome(await scene.ask()), outcome(await scene.token({"grant_type": "password"}))

    assert found == (implicit, password)


@pytest.mark.parametrize("flow", ["implicit", "password"])
def test_a_policy_cannot_turn_on_what_oauth21_does_not_have(flow: str) -> None:
    policy = replace(preset("oauth21"), flows=frozenset({flow}))

    with pytest.raises(OperationError, match="does not know the flow"):
        check_policy(policy, imported=True)


@together
@across("error", *["unsupported_response_type"] * 4)
async def test_code_and_token(stage: World, profile: str, error: str) -> None:
    scene = await staged(stage, profile)

    found = outcome(await scene.ask(response_type="code_and_token"))

    assert found == error


@together
@pytest.mark.parametrize("name", ["assertion", "urn:ietf:params:oauth:grant-type:saml2-bearer"])
@across("error", *["unsupported_grant_type"] * 4)
async def test_assertion(stage: World, profile: str, error: str, name: str) -> None:
    scene = await staged(stage, profile)

    found = outcome(await scene.token({"grant_type": name}))

    assert found == error


@together
@pytest.mark.parametrize(
    ("registered", "error"),
    [((), "invalid_request"), ((HTTPS,), "ok"), ((HTTPS, "https://b.example.com/"), "invalid_request")],
    ids=["none", "one", "two"],
)
@pytest.mark.parametrize("profile", PROFILES)
async def test_redirect_uri_at_authorization(stage: World, profile: str, registered: Any, error: str) -> None:
    scene = await staged(stage, profile, client={"redirect_uris": registered})

    found = outcome(await scene.ask(redirect_uri=None))

    assert found == error


@together
@across(
    "without,never_sent",
    ("invalid_request", "invalid_request"), ("invalid_request", "invalid_request"),
    ("invalid_request", "ok"), ("invalid_request", "ok"),
)  # fmt: skip
async def test_redirect_uri_at_token_step(stage: World, profile: str, without: str, never_sent: str) -> None:
    scene = await staged(stage, profile)
    sent, unsent = await scene.code(), await scene.code(redirect_uri=None)

    found = [outcome(await scene.redeem(code, redirect_uri=None)) for code in (sent, unsent)]
    other = [outcome(await scene.redeem(code, redirect_uri=HTTPS + "/x")) for code in (sent, await scene.code())]

    assert found == [without, never_sent]
    assert other == ["invalid_grant", "invalid_grant"]
    assert outcome(await scene.redeem(sent)) == "ok"


@together
@pytest.mark.parametrize("profile", PROFILES)
async def test_redirect_uri_at_token_step_is_the_one_used_by_default(stage: World, profile: str) -> None:
    scene = await staged(stage, profile)
    code = await scene.code(redirect_uri=None)

    found = outcome(await scene.redeem(code, redirect_uri=HTTPS))

    assert found == "ok"


@together
@across("error", *["invalid_request"] * 4)
async def test_fragment_in_redirect_uri(stage: World, profile: str, error: str) -> None:
    scene = await staged(stage, profile, client={"redirect_uris": (HTTPS, HTTPS + "#f")})

    found = [await scene.ask(redirect_uri=HTTPS + end) for end in ("#f", "#")]

    assert [outcome(answer) for answer in found] == [error, error]
    assert {answer.error["message"] for answer in found} == {"Invalid redirect URI"}


@together
@across("narrower,wider", ("read", "invalid_scope"), *[("read write", "read write")] * 3)
async def test_scope_at_code_exchange(stage: World, profile: str, narrower: str, wider: str) -> None:
    scene = await staged(stage, profile)
    codes = [await scene.code(scope="read write") for _ in range(2)]

    less = await scene.redeem(codes[0], scope="read")
    more = await scene.redeem(codes[1], scope="read write admin")

    assert less.result["scope"] == narrower
    assert wider == (more.result["scope"] if "result" in more.json else outcome(more))


@together
@pytest.mark.parametrize("is_on", [True, False], ids=["refresh-on", "refresh-off"])
@across("gives_one", False, True, False, False)
async def test_refresh_token_for_client_credentials(
    stage: World, profile: str, *, gives_one: bool, is_on: bool
) -> None:
    flows = {"client_credentials"} | ({"refresh_token"} if is_on else set())
    scene = await staged(stage, profile, flows=frozenset(flows))

    found = await scene.token({"grant_type": "none" if profile == "draft10" else "client_credentials"})

    assert ("refresh_token" in found.result) == (gives_one and is_on)


@together
@across("without_secret,with_secret", *[("invalid_client", "ok")] * 2, *[("ok", "invalid_client")] * 2)
async def test_public_clients(stage: World, profile: str, without_secret: str, with_secret: str) -> None:
    scene = await staged(stage, profile, client=PUBLIC)
    challenge = {"code_challenge": s256(VERIFIER), "code_challenge_method": "S256"}

    found = []
    for secret in (None, SECRET):
        code, identity = await scene.code(**challenge), {"client_id": scene.client.client_id, "client_secret": secret}
        data = {"grant_type": "authorization_code", "code": code, "code_verifier": VERIFIER}
        found.append(outcome(await scene.token(data, client=identity, uri={"redirect_uri": HTTPS})))

    assert found == [without_secret, with_secret]


@together
@across(
    "confidential,public,plain", *[("ok", "ok", "ok")] * 2, ("ok", "invalid_request", "ok"), ["invalid_request"] * 3
)
async def test_pkce(stage: World, profile: str, confidential: str, public: str, plain: str) -> None:
    scene = await staged(stage, profile)
    without = {"code_challenge": None, "code_challenge_method": None}
    open_scene = replace(scene, client=await stage.add_application(scene.service, **PUBLIC))

    found = [outcome(await each.ask(**without)) for each in (scene, open_scene)]
    unhashed = outcome(await scene.ask(code_challenge=VERIFIER, code_challenge_method="plain"))

    assert [*found, unhashed] == [confidential, public, plain]


@together
@across("error", *["invalid_grant"] * 3, "invalid_request")
async def test_verifier_without_challenge(stage: World, profile: str, error: str) -> None:
    scene = await staged(stage, profile)
    lenient = replace(scene.service, policy=replace(scene.service.policy, profile="rfc6749", pkce="optional"))
    await stage.write(lenient)
    code = await replace(scene, service=lenient).code()
    await stage.write(scene.service)

    found = outcome(await scene.redeem(code, code_verifier=VERIFIER))

    assert found == error
