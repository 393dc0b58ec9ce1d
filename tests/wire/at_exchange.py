"""What can be wrong with a code or a refresh token, and with what must come with it."""

from __future__ import annotations

from dataclasses import replace

from mashery_oauth.dialects import LOCAL_V3
from mashery_oauth.pkce import s256
from tests.waiting import code_expired
from tests.world import HTTPS, Answer

from .conditions import DRAFTS, at_token
from .scene import VERIFIER, Scene

CHALLENGED = {"code_challenge": s256(VERIFIER), "code_challenge_method": "S256"}
INVALID_CODE = "Invalid authorization code"
INVALID_REFRESH = "Invalid refresh token"
MISMATCH = "Redirect URI mismatch"
INVALID_VERIFIER = "Invalid code verifier"
BEFORE_OAUTH21 = ("draft10", "draft16", "rfc6749")


@at_token("code_missing", "Authorization code is required", "invalid_request")
async def no_code(scene: Scene) -> Answer:
    return await scene.redeem("")


@at_token("redirect_uri_missing", "Redirect URI is required", "invalid_request")
async def a_code_without_the_redirect_uri_that_it_was_asked_for_with(scene: Scene) -> Answer:
    return await scene.redeem(await scene.code(), redirect_uri=None)


@at_token("redirect_uri_missing", "Redirect URI is required", "invalid_request", profiles=DRAFTS)
async def a_code_without_the_redirect_uri_that_was_registered(scene: Scene) -> Answer:
    return await scene.redeem(await scene.code(redirect_uri=None), redirect_uri=None)


@at_token("redirect_uri_mismatch", MISMATCH, "invalid_grant")
async def a_code_with_another_redirect_uri(scene: Scene) -> Answer:
    return await scene.redeem(await scene.code(), redirect_uri="https://client.example.com/other")


@at_token("redirect_uri_mismatch", MISMATCH, "invalid_grant")
async def a_code_with_an_ill_formed_redirect_uri(scene: Scene) -> Answer:
    return await scene.redeem(await scene.code(), redirect_uri="https://client.example.com/cb#fragment")


@at_token("redirect_uri_mismatch", MISMATCH, "invalid_grant")
async def a_code_with_another_uri_than_the_registered_one(scene: Scene) -> Answer:
    return await scene.redeem(await scene.code(redirect_uri=None), redirect_uri=HTTPS + "/")


@at_token("code_verifier_malformed", INVALID_VERIFIER, "invalid_request")
async def a_short_verifier(scene: Scene) -> Answer:
    return await scene.redeem(await scene.code(**CHALLENGED), code_verifier="v" * 42)


@at_token("code_verifier_malformed", INVALID_VERIFIER, "invalid_request")
async def an_oversize_verifier(scene: Scene) -> Answer:
    return await scene.redeem(await scene.code(**CHALLENGED), code_verifier="v" * 129)


@at_token("code_verifier_unexpected", INVALID_VERIFIER, "invalid_grant", profiles=BEFORE_OAUTH21)
async def a_verifier_without_challenge(scene: Scene) -> Answer:
    return await scene.redeem(await scene.code(), code_verifier=VERIFIER)


@at_token("code_verifier_unexpected", INVALID_VERIFIER, "invalid_request", profiles=("oauth21",))
async def a_verifier_without_challenge_from_before_the_profile_asked_for_one(scene: Scene) -> Answer:
    world, after = scene.world, scene.service.policy
    before = await world.set_policy(scene.service, profile="rfc6749", pkce="optional")
    code = await replace(scene, service=before).code()
    await world.write(replace(before, policy=after))

    return await scene.redeem(code)


@at_token("code_verifier_wrong", INVALID_VERIFIER, "invalid_grant")
async def no_verifier_though_challenged(scene: Scene) -> Answer:
    return await scene.redeem(await scene.code(**CHALLENGED), code_verifier=None)


@at_token("code_verifier_wrong", INVALID_VERIFIER, "invalid_grant")
async def a_wrong_verifier(scene: Scene) -> Answer:
    return await scene.redeem(await scene.code(**CHALLENGED), code_verifier=VERIFIER[::-1])


@at_token("code_verifier_wrong", INVALID_VERIFIER, "invalid_grant")
async def the_challenge_instead_of_its_verifier(scene: Scene) -> Answer:
    return await scene.redeem(await scene.code(**CHALLENGED), code_verifier=CHALLENGED["code_challenge"])


@at_token("invalid_code", INVALID_CODE, "invalid_grant")
async def an_unknown_code(scene: Scene) -> Answer:
    return await scene.redeem("c" * 44)


@at_token("invalid_code", INVALID_CODE, "invalid_grant")
async def what_can_be_no_code(scene: Scene) -> Answer:
    return await scene.redeem("S" * 5000)


@at_token("invalid_code", INVALID_CODE, "invalid_grant")
async def a_code_used_twice(scene: Scene) -> Answer:
    code = await scene.code()
    assert (await replace(scene, dialect=LOCAL_V3).redeem(code)).result

    return await scene.redeem(code)


@at_token("invalid_code", INVALID_CODE, "invalid_grant")
async def an_access_token_for_a_code(scene: Scene) -> Answer:
    return await scene.redeem((await scene.granted())["access_token"])


@at_token("invalid_code", INVALID_CODE, "invalid_grant")
async def a_code_of_another_client(scene: Scene) -> Answer:
    other = await scene.world.add_application(scene.service)
    return await scene.redeem(await replace(scene, client=other).code())


@at_token("invalid_code", INVALID_CODE, "invalid_grant")
async def a_code_of_another_service(scene: Scene) -> Answer:
    other = await scene.world.add_service(scene.profile)
    client = replace(scene.client, services=(scene.service.key, other.key))
    await scene.world.write(client)
    return await scene.redeem(await replace(scene, service=other, client=client).code())


@at_token("invalid_code", INVALID_CODE, "invalid_grant")
async def a_code_of_a_user_who_revoked_the_client(scene: Scene) -> Answer:
    code = await scene.code()
    names = {"service_key": scene.service.key, "client": {"client_id": scene.client.client_id}}
    await scene.call("revokeUserApplication", names | {"user_context": "user"})
    return await scene.redeem(code)


@at_token("refresh_token_missing", "Refresh token is required", "invalid_request")
async def no_refresh_token(scene: Scene) -> Answer:
    return await scene.refresh(None)


@at_token("invalid_refresh_token", INVALID_REFRESH, "invalid_grant")
async def an_unknown_refresh_token(scene: Scene) -> Answer:
    return await scene.refresh("r" * 60)


@at_token("invalid_refresh_token", INVALID_REFRESH, "invalid_grant")
async def an_access_token_for_a_refresh_token(scene: Scene) -> Answer:
    return await scene.refresh((await scene.granted())["access_token"])


@at_token("invalid_refresh_token", INVALID_REFRESH, "invalid_grant", policy={"refresh_grace": 0})
async def a_refresh_token_used_twice(scene: Scene) -> Answer:
    used = (await scene.granted())["refresh_token"]
    assert (await replace(scene, dialect=LOCAL_V3).refresh(used)).result

    return await scene.refresh(used)


@at_token("invalid_refresh_token", INVALID_REFRESH, "invalid_grant")
async def a_revoked_refresh_token(scene: Scene) -> Answer:
    granted = await scene.granted()
    client = {"client_id": scene.client.client_id, "client_secret": scene.secret}
    names = {"service_key": scene.service.key, "client": client, "access_token": granted["access_token"]}
    assert (await scene.call("revokeAccessToken", names)).result is True

    return await scene.refresh(granted["refresh_token"])


@at_token("invalid_refresh_token", INVALID_REFRESH, "invalid_grant")
async def a_refresh_token_of_another_client(scene: Scene) -> Answer:
    other = await scene.world.add_application(scene.service)
    return await scene.refresh((await replace(scene, client=other).granted())["refresh_token"])


@at_token("invalid_scope", "Invalid scope", "invalid_scope")
async def a_wider_scope_at_refresh(scene: Scene) -> Answer:
    granted = await scene.granted(scope="read")
    return await scene.refresh(granted["refresh_token"], scope="read write")


@at_token("invalid_scope", "Invalid scope", "invalid_scope", profiles=("draft10",))
async def a_wider_scope_at_exchange(scene: Scene) -> Answer:
    return await scene.redeem(await scene.code(scope="read"), scope="read write")


@at_token("token_limit", "Token limit reached", "invalid_request", policy={"token_cap": 1})
async def a_code_for_one_token_too_many(scene: Scene) -> Answer:
    first, second = await scene.code(), await scene.code()
    assert (await replace(scene, dialect=LOCAL_V3).redeem(first)).result

    return await scene.redeem(second)


@at_token("wrong_secret", "Invalid client credentials", "invalid_client", status=401)
async def a_code_of_the_client_without_its_secret(scene: Scene) -> Answer:
    data = {"grant_type": "authorization_code", "code": await scene.code(), "code_verifier": VERIFIER}
    client = {"client_id": scene.client.client_id}
    return await scene.token(data, client=client, uri={"redirect_uri": HTTPS})


@at_token("invalid_code", INVALID_CODE, "invalid_grant", policy={"code_ttl": 1}, profiles=("draft16",))
async def an_expired_code(scene: Scene) -> Answer:
    code = await scene.code()
    await code_expired(scene.world.store, code)

    return await scene.redeem(code)
