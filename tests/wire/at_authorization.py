"""What can be wrong at the authorization step, each with its row of the table."""

from __future__ import annotations

from dataclasses import replace

from tests.world import SECRET, Answer

from .conditions import RFCS, at_authorization
from .scene import CODE, IMPLICIT, LOOK, LOOK_FOR_TOKEN, TOKEN, Scene

OTHERS = "https://other.example.com/cb"
UNKNOWN_CLIENT = {"": "unauthorized_client", "draft10": "invalid_client"}
MISMATCH = {"": "invalid_request", "draft10": "redirect_uri_mismatch"}


@at_authorization("unknown_service", "Unknown service key", "invalid_request", relayed=False)
async def an_unknown_service(scene: Scene) -> Answer:
    return await scene.ask(service_key="nothing")


@at_authorization("unknown_service", "Unknown service key", "invalid_request", relayed=False)
async def another_sites_service(scene: Scene) -> Answer:
    await scene.world.write(replace(scene.service, site_id=scene.world.site.id ^ 1))
    return await scene.ask()


@at_authorization("unknown_service", "Unknown service key", "invalid_request", relayed=False)
async def an_inactive_service(scene: Scene) -> Answer:
    await scene.world.write(replace(scene.service, active=False))
    return await scene.ask()


@at_authorization("client_id_missing", "Client identifier is required", "invalid_request", relayed=False)
async def no_client_identifier(scene: Scene) -> Answer:
    return await scene.ask(client_id=None)


@at_authorization("client_id_missing", "Client identifier is required", "invalid_request", relayed=False)
async def an_empty_client_identifier(scene: Scene) -> Answer:
    return await scene.ask(client_id="")


@at_authorization("unknown_client", "Invalid client identifier", UNKNOWN_CLIENT, relayed=False)
async def an_unknown_client(scene: Scene) -> Answer:
    return await scene.ask(client_id="nobody")


@at_authorization("unknown_client", "Invalid client identifier", UNKNOWN_CLIENT, relayed=False)
async def an_oversize_client_identifier(scene: Scene) -> Answer:
    return await scene.ask(client_id="n" * 5000)


@at_authorization(
    "unknown_client", "Invalid client identifier", UNKNOWN_CLIENT, relayed=False, client={"active": False}
)
async def an_inactive_client(scene: Scene) -> Answer:
    return await scene.ask()


@at_authorization("unknown_client", "Invalid client identifier", UNKNOWN_CLIENT, relayed=False)
async def a_client_of_another_service(scene: Scene) -> Answer:
    await scene.world.write(replace(scene.client, services=()))
    return await scene.ask()


@at_authorization("wrong_secret", "Invalid client credentials", "invalid_client", relayed=False)
async def a_wrong_secret(scene: Scene) -> Answer:
    return await scene.ask(client_secret="not-the-secret")


@at_authorization(
    "wrong_secret", "Invalid client credentials", "invalid_client",
    relayed=False, client={"type": "public"}, profiles=RFCS,
)  # fmt: skip
async def a_secret_of_a_public_client(scene: Scene) -> Answer:
    return await scene.ask(client_secret=SECRET)


@at_authorization(
    "redirect_uri_missing", "Redirect URI is required", "invalid_request",
    relayed=False, client={"redirect_uris": ()}, doors=(CODE, TOKEN, IMPLICIT),
)  # fmt: skip
async def no_redirect_uri_and_none_registered(scene: Scene) -> Answer:
    return await scene.ask(redirect_uri=None)


@at_authorization(
    "redirect_uri_missing", "Redirect URI is required", "invalid_request",
    relayed=False, client={"redirect_uris": ("https://a.example.com/", "https://b.example.com/")},
    doors=(CODE, TOKEN, IMPLICIT),
)  # fmt: skip
async def no_redirect_uri_and_several_registered(scene: Scene) -> Answer:
    return await scene.ask(redirect_uri=None)


@at_authorization("redirect_uri_invalid", "Invalid redirect URI", "invalid_request", relayed=False)
async def an_ill_formed_redirect_uri(scene: Scene) -> Answer:
    return await scene.ask(redirect_uri="/cb")


@at_authorization("redirect_uri_invalid", "Invalid redirect URI", "invalid_request", relayed=False)
async def a_redirect_uri_with_a_backslash(scene: Scene) -> Answer:
    return await scene.ask(redirect_uri="https://client.example.com\\cb")


@at_authorization("redirect_uri_invalid", "Invalid redirect URI", "invalid_request", relayed=False)
async def an_oversize_redirect_uri(scene: Scene) -> Answer:
    return await scene.ask(redirect_uri="https://client.example.com/" + "a" * 5000)


@at_authorization(
    "redirect_uri_invalid", "Invalid redirect URI", "invalid_request", relayed=False,
    policy={"force_https": True}, client={"redirect_uris": ("http://client.example.com/cb",)},
)  # fmt: skip
async def a_redirect_uri_without_tls(scene: Scene) -> Answer:
    return await scene.ask(redirect_uri="http://client.example.com/cb")


@at_authorization("redirect_uri_mismatch", "Redirect URI mismatch", MISMATCH, relayed=False)
async def a_redirect_uri_that_is_not_registered(scene: Scene) -> Answer:
    return await scene.ask(redirect_uri=OTHERS)


@at_authorization(
    "unsupported_response_type", "Unsupported response type", "unsupported_response_type",
    doors=(LOOK, CODE, TOKEN), in_query=True,
)  # fmt: skip
async def an_unknown_response_type(scene: Scene) -> Answer:
    return await scene.ask(response_type="code_and_token")


@at_authorization(
    "unsupported_response_type", "Unsupported response type", "unsupported_response_type",
    doors=(LOOK, CODE, TOKEN), in_query=True,
)  # fmt: skip
async def a_response_type_in_capitals(scene: Scene) -> Answer:
    return await scene.ask(response_type="CODE")


@at_authorization(
    "flow_off", "Flow authorization_code is not enabled for this service", "unsupported_response_type",
    policy={"flows": frozenset({"implicit", "refresh_token"})}, doors=(LOOK, CODE),
)  # fmt: skip
async def codes_switched_off(scene: Scene) -> Answer:
    return await scene.ask()


@at_authorization(
    "flow_off", "Flow implicit is not enabled for this service", "unsupported_response_type",
    policy={"flows": frozenset({"authorization_code"})}, doors=(LOOK_FOR_TOKEN, TOKEN, IMPLICIT),
)  # fmt: skip
async def implicit_switched_off(scene: Scene) -> Answer:
    return await scene.ask()


@at_authorization(
    "flow_forbidden", "Flow authorization_code is not allowed for this client", "unauthorized_client",
    client={"flows": frozenset({"implicit"})}, doors=(LOOK, CODE),
)  # fmt: skip
async def codes_not_for_this_client(scene: Scene) -> Answer:
    return await scene.ask()


@at_authorization(
    "flow_forbidden", "Flow implicit is not allowed for this client", "unauthorized_client",
    client={"flows": frozenset({"authorization_code"})}, doors=(LOOK_FOR_TOKEN, TOKEN, IMPLICIT),
    late=True,
)  # fmt: skip
async def implicit_not_for_this_client(scene: Scene) -> Answer:
    return await scene.ask()


@at_authorization("invalid_state", "Invalid state", "invalid_request", state=None)
async def an_oversize_state(scene: Scene) -> Answer:
    return await scene.ask(state="s" * 4097)


@at_authorization("invalid_state", "Invalid state", "invalid_request", state=None)
async def a_state_that_breaks_a_line(scene: Scene) -> Answer:
    return await scene.ask(state="one\r\ntwo")
