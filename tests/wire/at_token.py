"""What can be wrong at the token step before a code or refresh token is looked at, each with its row of the table."""

from __future__ import annotations

from dataclasses import replace

from tests.world import SECRET, Answer

from .conditions import DRAFTS, RFCS, at_token
from .scene import Scene

PASSWORD = {"grant_type": "password"}
REFRESH = {"grant_type": "refresh_token", "refresh_token": "r" * 60}
KNOWS_PASSWORD = ("draft10", "draft16", "rfc6749")
PUBLIC = {"type": "public"}


@at_token("unknown_service", "Unknown service key", "invalid_request", relayed=False)
async def an_unknown_service(scene: Scene) -> Answer:
    return await scene.token(PASSWORD, service_key="nothing")


@at_token("client_id_missing", "Client identifier is required", "invalid_request")
async def no_client(scene: Scene) -> Answer:
    return await scene.token(PASSWORD, client=None)


@at_token("client_id_missing", "Client identifier is required", "invalid_request")
async def a_secret_without_client_identifier(scene: Scene) -> Answer:
    return await scene.token(PASSWORD, client={"client_secret": SECRET})


@at_token("unknown_client", "Invalid client identifier", "invalid_client", status=401)
async def an_unknown_client(scene: Scene) -> Answer:
    return await scene.token(PASSWORD, client={"client_id": "nobody", "client_secret": SECRET})


@at_token("unknown_client", "Invalid client identifier", "invalid_client", status=401, client={"active": False})
async def an_inactive_client(scene: Scene) -> Answer:
    return await scene.token(PASSWORD)


@at_token("unknown_client", "Invalid client identifier", "invalid_client", status=401)
async def a_client_of_another_service(scene: Scene) -> Answer:
    await scene.world.write(replace(scene.client, services=()))
    return await scene.token(PASSWORD)


@at_token("wrong_secret", "Invalid client credentials", "invalid_client", status=401)
async def a_wrong_secret(scene: Scene) -> Answer:
    client = {"client_id": scene.client.client_id, "client_secret": SECRET.upper()}
    return await scene.token(REFRESH, client=client)


@at_token("wrong_secret", "Invalid client credentials", "invalid_client", status=401)
async def an_oversize_secret(scene: Scene) -> Answer:
    client = {"client_id": scene.client.client_id, "client_secret": "s" * 5000}
    return await scene.token(REFRESH, client=client)


@at_token("wrong_secret", "Invalid client credentials", "invalid_client", status=401)
async def no_secret(scene: Scene) -> Answer:
    return await scene.token(REFRESH, client={"client_id": scene.client.client_id})


@at_token("wrong_secret", "Invalid client credentials", "invalid_client", status=401, profiles=RFCS, client=PUBLIC)
async def a_secret_of_a_public_client(scene: Scene) -> Answer:
    client = {"client_id": scene.client.client_id, "client_secret": SECRET}
    return await scene.token(REFRESH, client=client)


@at_token("wrong_secret", "Invalid client credentials", "invalid_client", status=401, profiles=DRAFTS, client=PUBLIC)
async def no_secret_of_a_public_client_where_there_are_none(scene: Scene) -> Answer:
    return await scene.token(REFRESH, client={"client_id": scene.client.client_id})


@at_token("selectors_missing", "Grant type or response type is required", "invalid_request")
async def no_selector(scene: Scene) -> Answer:
    return await scene.token({"scope": "read"})


@at_token("selectors_missing", "Grant type or response type is required", "invalid_request")
async def no_token_data(scene: Scene) -> Answer:
    return await scene.token(None)


@at_token("selectors_missing", "Grant type or response type is required", "invalid_request")
async def a_code_asked_for_where_tokens_are_made(scene: Scene) -> Answer:
    return await scene.token({"response_type": "code"})


@at_token("selectors_disagree", "Grant type and response type disagree", "invalid_request")
async def a_code_exchanged_in_the_implicit_way(scene: Scene) -> Answer:
    return await scene.token({"grant_type": "authorization_code", "response_type": "token"})


@at_token("selectors_disagree", "Grant type and response type disagree", "invalid_request")
async def implicit_asking_for_a_code(scene: Scene) -> Answer:
    return await scene.token({"grant_type": "implicit", "response_type": "code"})


@at_token("selectors_disagree", "Grant type and response type disagree", "invalid_request")
async def a_response_type_beside_a_refresh_token(scene: Scene) -> Answer:
    return await scene.token(REFRESH | {"response_type": "token"})


@at_token("selectors_disagree", "Grant type and response type disagree", "invalid_request")
async def a_response_type_beside_an_unknown_grant_type(scene: Scene) -> Answer:
    return await scene.token({"grant_type": "magic", "response_type": "code"})


@at_token("unsupported_grant_type", "Unsupported grant type", "unsupported_grant_type")
async def an_unknown_grant_type(scene: Scene) -> Answer:
    return await scene.token({"grant_type": "magic"})


@at_token("unsupported_grant_type", "Unsupported grant type", "unsupported_grant_type")
async def a_grant_type_in_capitals(scene: Scene) -> Answer:
    return await scene.token({"grant_type": "Refresh_Token", "refresh_token": "r" * 60})


@at_token(
    "unsupported_grant_type", "Unsupported grant type", "unsupported_grant_type",
    profiles=("draft16", "rfc6749", "oauth21"),
)  # fmt: skip
async def none_where_it_is_not_known(scene: Scene) -> Answer:
    return await scene.token({"grant_type": "none"})


@at_token("unsupported_grant_type", "Unsupported grant type", "unsupported_grant_type", profiles=("draft10",))
async def client_credentials_in_draft10(scene: Scene) -> Answer:
    return await scene.token({"grant_type": "client_credentials"})


@at_token(
    "flow_off", "Flow authorization_code is not enabled for this service", "unsupported_grant_type",
    policy={"flows": frozenset({"client_credentials"})},
)  # fmt: skip
async def codes_switched_off(scene: Scene) -> Answer:
    return await scene.token({"grant_type": "authorization_code", "code": "c" * 44})


@at_token(
    "flow_off", "Flow refresh_token is not enabled for this service", "unsupported_grant_type",
    policy={"flows": frozenset({"client_credentials"})},
)  # fmt: skip
async def refresh_switched_off(scene: Scene) -> Answer:
    return await scene.token(REFRESH)


@at_token(
    "flow_off", "Flow password is not enabled for this service", "unsupported_grant_type",
    policy={"flows": frozenset({"client_credentials"})},
)  # fmt: skip
async def passwords_switched_off(scene: Scene) -> Answer:
    return await scene.token(PASSWORD)


@at_token(
    "flow_forbidden", "Flow refresh_token is not allowed for this client", "unauthorized_client",
    client={"flows": frozenset({"authorization_code"})},
)  # fmt: skip
async def refresh_not_for_this_client(scene: Scene) -> Answer:
    return await scene.token(REFRESH)


@at_token(
    "flow_forbidden", "Flow client_credentials is not allowed for this client", "unauthorized_client",
    profiles=RFCS, client=PUBLIC,
)  # fmt: skip
async def a_public_client_for_itself(scene: Scene) -> Answer:
    return await scene.token({"grant_type": "client_credentials"})


@at_token(
    "flow_forbidden", "Flow password is not allowed for this client", "unauthorized_client",
    profiles=("rfc6749",), client=PUBLIC,
)  # fmt: skip
async def a_public_client_with_a_password(scene: Scene) -> Answer:
    return await scene.token(PASSWORD)


@at_token("invalid_scope", "Invalid scope", "invalid_scope", profiles=KNOWS_PASSWORD)
async def an_ill_formed_scope(scene: Scene) -> Answer:
    return await scene.token(PASSWORD | {"scope": "re\\ad"})


@at_token("invalid_scope", "Invalid scope", "invalid_scope", policy={"scopes": ("read",)}, profiles=KNOWS_PASSWORD)
async def a_scope_that_the_service_does_not_have(scene: Scene) -> Answer:
    return await scene.token(PASSWORD | {"scope": "read admin"})


@at_token("redirect_uri_invalid", "Invalid redirect URI", "invalid_request", profiles=KNOWS_PASSWORD)
async def an_oversize_redirect_uri_that_nobody_uses(scene: Scene) -> Answer:
    return await scene.token(PASSWORD, uri={"redirect_uri": "https://client.example.com/" + "a" * 5000})


@at_token("invalid_state", "Invalid state", "invalid_request", profiles=KNOWS_PASSWORD)
async def an_oversize_state_that_nobody_uses(scene: Scene) -> Answer:
    return await scene.token(PASSWORD, uri={"state": "s" * 4097})


@at_token("token_limit", "Token limit reached", "invalid_request", profiles=KNOWS_PASSWORD, policy={"token_cap": 1})
async def one_token_too_many(scene: Scene) -> Answer:
    first = await scene.token(PASSWORD)
    assert first.result["access_token"]

    return await scene.token(PASSWORD)
