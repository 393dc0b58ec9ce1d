"""What can be wrong at the authorization step once client, redirect URI and flow are right: PKCE, scope, caps."""

from __future__ import annotations

from dataclasses import replace

from mashery_oauth.pkce import s256
from tests.world import Answer

from .conditions import RFCS, at_authorization
from .scene import CODE, IMPLICIT, LOOK, TOKEN, VERIFIER, Scene

OF_CODES = (LOOK, CODE)


@at_authorization(
    "unsupported_response_type", "Unsupported response type", "unsupported_response_type",
    doors=(CODE,), profiles=("draft10",),
)  # fmt: skip
async def a_token_asked_for_where_codes_are_made_in_draft10(scene: Scene) -> Answer:
    return await scene.ask(response_type="token")


@at_authorization(
    "code_challenge_missing", "Code challenge is required", "invalid_request",
    doors=(CODE,), profiles=RFCS, client={"type": "public"},
)  # fmt: skip
async def no_challenge_of_a_public_client(scene: Scene) -> Answer:
    return await scene.ask(code_challenge=None, code_challenge_method=None)


@at_authorization(
    "code_challenge_missing", "Code challenge is required", "invalid_request", doors=(CODE,), profiles=("oauth21",)
)
async def no_challenge_of_a_confidential_client(scene: Scene) -> Answer:
    return await scene.ask(code_challenge=None, code_challenge_method=None)


@at_authorization(
    "code_challenge_missing", "Code challenge is required", "invalid_request",
    doors=(CODE,), policy={"pkce": "required"},
)  # fmt: skip
async def no_challenge_where_the_policy_requires_one(scene: Scene) -> Answer:
    return await scene.ask(code_challenge=None, code_challenge_method=None)


@at_authorization("code_challenge_invalid", "Code challenge is invalid", "invalid_request", doors=OF_CODES)
async def an_unknown_challenge_method(scene: Scene) -> Answer:
    return await scene.ask(code_challenge=s256(VERIFIER), code_challenge_method="S512")


@at_authorization("code_challenge_invalid", "Code challenge is invalid", "invalid_request", doors=OF_CODES)
async def a_short_challenge(scene: Scene) -> Answer:
    return await scene.ask(code_challenge="c" * 42, code_challenge_method="S256")


@at_authorization("code_challenge_invalid", "Code challenge is invalid", "invalid_request", doors=OF_CODES)
async def a_challenge_method_without_challenge(scene: Scene) -> Answer:
    return await scene.ask(code_challenge=None, code_challenge_method="S256")


@at_authorization(
    "code_challenge_invalid", "Code challenge is invalid", "invalid_request", doors=OF_CODES, profiles=("oauth21",)
)
async def a_plain_challenge(scene: Scene) -> Answer:
    return await scene.ask(code_challenge=VERIFIER, code_challenge_method="plain")


@at_authorization(
    "code_challenge_invalid", "Code challenge is invalid", "invalid_request", doors=OF_CODES, profiles=("oauth21",)
)
async def a_challenge_that_is_plain_for_want_of_a_method(scene: Scene) -> Answer:
    return await scene.ask(code_challenge=VERIFIER, code_challenge_method=None)


@at_authorization("invalid_scope", "Invalid scope", "invalid_scope", late=True)
async def an_ill_formed_scope(scene: Scene) -> Answer:
    return await scene.ask(scope='re"ad')


@at_authorization("invalid_scope", "Invalid scope", "invalid_scope", late=True)
async def an_oversize_scope(scene: Scene) -> Answer:
    return await scene.ask(scope="s" * 1025)


@at_authorization("invalid_scope", "Invalid scope", "invalid_scope", late=True, policy={"scopes": ("read", "write")})
async def a_scope_that_the_service_does_not_have(scene: Scene) -> Answer:
    return await scene.ask(scope="read admin")


@at_authorization(
    "token_limit", "Token limit reached", "access_denied", late=True, doors=(TOKEN, IMPLICIT), policy={"token_cap": 1}
)
async def one_token_too_many(scene: Scene) -> Answer:
    first = await replace(scene).ask()
    assert first.result["access_token"]

    return await scene.ask()
