"""One run of every method, and every secret that went over the wire meanwhile."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from mashery_oauth.models import Application, Service
from mashery_oauth.pkce import s256

from ..world import HTTPS, SECRET, Answer, World

VERIFIER = "v" * 43
PASSWORD_DATA = {"grant_type": "password", "username": "bob", "password": "password-of-bob"}


@dataclass
class Used:
    """What a run left behind: texts that must be nowhere, and what still lives."""

    texts: list[str] = field(default_factory=list)
    alive: list[str] = field(default_factory=list)

    def note(self, answer: Answer) -> Any:
        """The result of an answer, its secrets remembered."""
        result = answer.result
        self.texts += [result[name] for name in ("access_token", "refresh_token", "code") if name in result]
        self.texts += [text for name, text in (result.get("extended") or {}).items() if name == "mac_key"]
        return result


def client_of(application: Application) -> dict[str, str]:
    return {"client_id": application.client_id, "client_secret": SECRET}


async def use_everything(world: World, *, user: str = "alice", **policy: Any) -> Used:
    """Every method and every flow, once or more, on a service of its own."""
    used = Used([SECRET, world.apikey_secret, world.password, "password-of-bob", VERIFIER])
    service = await world.add_service(**policy)
    client = await world.add_application(service)
    await _without_user(world, service, client, used)
    await _codes(world, service, client, user, used)
    await _tokens_of_a_user(world, service, client, user, used)
    await _repeated(world, service, client, used)
    return used


async def _without_user(world: World, service: Service, client: Application, used: Used) -> None:
    made = used.note(await world.token(service, client, {"grant_type": "client_credentials"}))
    used.alive.append(made["access_token"])
    assert (await world.fetch(service, made["access_token"])).result["client_id"] == client.client_id
    for method, params in (
        ("fetchApplication", {"service_key": service.key, "client": client_of(client), "uri": {"redirect_uri": HTTPS},
                              "response_type": "code"}),
        ("test.hello", None),
        ("test.echo", ["text"]),
        ("rpc.discover", None),
    ):  # fmt: skip
        assert (await world.call(method, params)).status == 200


async def _codes(world: World, service: Service, client: Application, user: str, used: Used) -> None:
    code = await world.code(service, client, user, code_challenge=s256(VERIFIER), code_challenge_method="S256")
    unused = await world.code(service, client, user)
    used.texts += [code, unused]
    made = used.note(await world.redeem(service, client, code, code_verifier=VERIFIER))
    first = used.note(await world.refresh(service, client, made["refresh_token"]))
    again = used.note(await world.refresh(service, client, made["refresh_token"]))
    assert again["access_token"] == first["access_token"]
    used.note(await world.refresh(service, client, first["refresh_token"], scope=None))
    replayed = await world.code(service, client, f"{user}-replay")
    used.texts.append(replayed)
    used.note(await world.redeem(service, client, replayed))
    assert (await world.redeem(service, client, replayed)).error


async def _tokens_of_a_user(world: World, service: Service, client: Application, user: str, used: Used) -> None:
    kept, moved, ended = [
        used.note(await world.token(service, client, PASSWORD_DATA, user_context=user)) for _ in range(3)
    ]
    implicit = await world.token(
        service, client, {"grant_type": "implicit"}, user_context=user, uri={"redirect_uri": HTTPS}
    )
    used.note(implicit)
    about = {"service_key": service.key, "client": client_of(client)}
    changes = {"expires_in": 5000, "user_context": f"{user}-new"}
    await world.call("updateAccessToken", {**about, "access_token": moved["access_token"], **changes})
    await world.call("updateAccessToken", {**about, "access_token": kept["access_token"], "expires_in": 9000})
    assert (await world.call("revokeAccessToken", {**about, "access_token": ended["access_token"]})).result is True
    gone = used.note(await world.token(service, client, PASSWORD_DATA, user_context=f"{user}-gone"))
    await world.call("revokeUserApplication", {**about, "user_context": f"{user}-gone"})
    assert not await world.is_alive(service, gone["access_token"])
    for name in (user, f"{user}-new"):
        listed = (await world.call("fetchUserApplications", [service.key, name])).result
        assert listed[0]["client_id"] == client.client_id
    used.alive += [kept["access_token"], moved["access_token"]]
    for text in used.alive:
        assert await world.is_alive(service, text)


async def _repeated(world: World, service: Service, client: Application, used: Used) -> None:
    about = {"service_key": service.key, "client": client_of(client)}
    for method, params in (
        ("createAccessToken", {**about, "token_data": PASSWORD_DATA, "user_context": "carol"}),
        ("createAccessToken", {**about, "token_data": {"grant_type": "client_credentials"}}),
        ("createAuthorizationCode", {**about, "uri": {"redirect_uri": HTTPS}, "user_context": "carol"}),
    ):
        headers = {"Idempotency-Key": f"key-{method}-{len(str(params))}"}
        made = used.note(await world.call(method, params, headers=headers))
        assert (await world.call(method, params, headers=headers)).result == made
