"""What can be wrong in the methods that are no step of a flow: nothing there may be relayed."""

from __future__ import annotations

from dataclasses import replace

from mashery_oauth.dialects import LOCAL_V3
from tests.world import Answer

from .conditions import at_no_step
from .scene import Members, Scene

UNKNOWN_SERVICE = ("unknown_service", "Unknown service key", "invalid_request")
UNKNOWN_CLIENT = ("unknown_client", "Invalid client identifier", "invalid_client")
WRONG_SECRET = ("wrong_secret", "Invalid client credentials", "invalid_client")
CLIENT_ID_MISSING = ("client_id_missing", "Client identifier is required", "invalid_request")
UNKNOWN_TOKEN = ("unknown_token", "Invalid Access Token", "invalid_request")
UPDATE_FAILED = ("update_failed", "Unable to update token", "invalid_request")


def named(scene: Scene, **more: object) -> Members:
    """The arguments that these methods have in common, and more."""
    client = {"client_id": scene.client.client_id, "client_secret": scene.secret}
    return {
        "service_key": scene.service.key,
        "client": client,
        "access_token": "t" * 44,
        "user_context": "user",
        **more,
    }


async def _token(scene: Scene) -> str:
    return str((await replace(scene, dialect=LOCAL_V3).granted(scope="read"))["access_token"])


@at_no_step(*UNKNOWN_SERVICE)
async def fetching_from_an_unknown_service(scene: Scene) -> Answer:
    return await scene.call("fetchAccessToken", named(scene, service_key="nothing"))


@at_no_step(*UNKNOWN_SERVICE)
async def listing_at_an_unknown_service(scene: Scene) -> Answer:
    return await scene.call("fetchUserApplications", named(scene, service_key="nothing"))


@at_no_step(*UNKNOWN_SERVICE)
async def updating_at_an_unknown_service(scene: Scene) -> Answer:
    return await scene.call("updateAccessToken", named(scene, service_key="nothing"))


@at_no_step(*UNKNOWN_SERVICE)
async def revoking_at_an_unknown_service(scene: Scene) -> Answer:
    return await scene.call("revokeAccessToken", named(scene, service_key="nothing"))


@at_no_step(*UNKNOWN_SERVICE)
async def revoking_a_user_at_an_unknown_service(scene: Scene) -> Answer:
    return await scene.call("revokeUserApplication", named(scene, service_key="nothing"))


@at_no_step(*CLIENT_ID_MISSING)
async def updating_without_a_client(scene: Scene) -> Answer:
    return await scene.call("updateAccessToken", named(scene, client=None))


@at_no_step(*CLIENT_ID_MISSING)
async def revoking_without_a_client(scene: Scene) -> Answer:
    return await scene.call("revokeAccessToken", named(scene, client=None))


@at_no_step(*CLIENT_ID_MISSING)
async def revoking_a_user_without_a_client(scene: Scene) -> Answer:
    return await scene.call("revokeUserApplication", named(scene, client=None))


@at_no_step(*UNKNOWN_CLIENT)
async def updating_for_an_unknown_client(scene: Scene) -> Answer:
    return await scene.call("updateAccessToken", named(scene, client={"client_id": "nobody"}))


@at_no_step(*UNKNOWN_CLIENT)
async def revoking_for_an_unknown_client(scene: Scene) -> Answer:
    return await scene.call("revokeAccessToken", named(scene, client={"client_id": "nobody"}))


@at_no_step(*UNKNOWN_CLIENT)
async def revoking_a_user_for_an_unknown_client(scene: Scene) -> Answer:
    return await scene.call("revokeUserApplication", named(scene, client={"client_id": "nobody"}))


@at_no_step(*WRONG_SECRET)
async def updating_with_a_wrong_secret(scene: Scene) -> Answer:
    client = {"client_id": scene.client.client_id, "client_secret": "wrong"}
    return await scene.call("updateAccessToken", named(scene, client=client))


@at_no_step(*WRONG_SECRET)
async def revoking_with_a_wrong_secret(scene: Scene) -> Answer:
    client = {"client_id": scene.client.client_id, "client_secret": "wrong"}
    return await scene.call("revokeAccessToken", named(scene, client=client))


@at_no_step(*WRONG_SECRET)
async def revoking_a_user_with_a_wrong_secret(scene: Scene) -> Answer:
    client = {"client_id": scene.client.client_id, "client_secret": "wrong"}
    return await scene.call("revokeUserApplication", named(scene, client=client))


@at_no_step(*UNKNOWN_TOKEN)
async def fetching_an_unknown_token(scene: Scene) -> Answer:
    return await scene.call("fetchAccessToken", named(scene))


@at_no_step(*UNKNOWN_TOKEN)
async def fetching_a_dead_token(scene: Scene) -> Answer:
    token = await _token(scene)
    assert (await scene.call("revokeAccessToken", named(scene, access_token=token))).result is True

    return await scene.call("fetchAccessToken", named(scene, access_token=token))


@at_no_step(*UNKNOWN_TOKEN)
async def fetching_a_token_of_another_service(scene: Scene) -> Answer:
    other = await scene.world.add_service(scene.profile)
    return await scene.call("fetchAccessToken", named(scene, service_key=other.key, access_token=await _token(scene)))


@at_no_step(*UPDATE_FAILED)
async def updating_an_unknown_token(scene: Scene) -> Answer:
    return await scene.call("updateAccessToken", named(scene))


@at_no_step(*UPDATE_FAILED)
async def updating_a_dead_token(scene: Scene) -> Answer:
    token = await _token(scene)
    assert (await scene.call("revokeAccessToken", named(scene, access_token=token))).result is True

    return await scene.call("updateAccessToken", named(scene, access_token=token))


@at_no_step(*UPDATE_FAILED)
async def updating_a_token_of_another_client(scene: Scene) -> Answer:
    other = await scene.world.add_application(scene.service)
    token = await _token(replace(scene, client=other))
    return await scene.call("updateAccessToken", named(scene, access_token=token))


@at_no_step("invalid_scope", "Invalid scope", "invalid_scope", policy={"scopes": ("read", "write")})
async def updating_to_a_scope_that_the_service_does_not_have(scene: Scene) -> Answer:
    token = await _token(scene)
    return await scene.call("updateAccessToken", named(scene, access_token=token, scope="admin"))
