"""Idempotency-Key: a create call that is repeated gets the same answer, and did its work once."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from typing import Any

import orjson
import pytest

from mashery_oauth.dialects import CLOUD, DIALECTS, LOCAL_V3, Dialect
from mashery_oauth.models import Application, Once, Service
from mashery_oauth.store import keys
from mashery_oauth.store.texts import random_letters

from ..world import HTTPS, SECRET, Answer, World

CREATE, AUTHORIZE = "createAccessToken", "createAuthorizationCode"
PASSWORD = {"grant_type": "password"}
IMPLICIT = {"response_type": "token"}
FIELD = "Idempotency-Key"


@dataclass
class Scene:
    """A service, a client, and calls to make with a key."""

    world: World
    service: Service
    client: Application

    def params(self, token_data: dict[str, Any] | None = None, user: str | None = "alice", **more: Any) -> Any:
        about: dict[str, Any] = {
            "service_key": self.service.key,
            "client": {"client_id": self.client.client_id, "client_secret": SECRET},
            "uri": {"redirect_uri": HTTPS, "state": "xyz"},
            "user_context": user,
        }
        return about | ({} if token_data is None else {"token_data": token_data}) | more

    async def keyed(self, key: str, method: str, params: Any, dialect: Dialect = LOCAL_V3) -> Answer:
        return await self.world.call(method, params, headers={FIELD: key}, dialect=dialect)

    async def tokens(self, user: str = "alice") -> list[str]:
        answer = await self.world.call("fetchUserApplications", [self.service.key, user])
        return [text for entry in answer.result for text in entry["access_tokens"]]


@pytest.fixture
async def scene(world: World) -> Scene:
    service = await world.add_service("draft16")
    return Scene(world, service, await world.add_application(service))


async def by_code(scene: Scene) -> tuple[str, Any]:
    code = await scene.world.code(scene.service, scene.client, "alice")
    return CREATE, scene.params({"grant_type": "authorization_code", "code": code})


async def by_refresh(scene: Scene) -> tuple[str, Any]:
    made = await scene.world.call(CREATE, scene.params(PASSWORD, "bob"))
    return CREATE, scene.params({"grant_type": "refresh_token", "refresh_token": made.result["refresh_token"]})


async def by_password(scene: Scene) -> tuple[str, Any]:
    return CREATE, scene.params(PASSWORD)


async def by_implicit(scene: Scene) -> tuple[str, Any]:
    return CREATE, scene.params(IMPLICIT)


async def by_client(scene: Scene) -> tuple[str, Any]:
    return CREATE, scene.params({"grant_type": "client_credentials"}, None)


async def for_a_code(scene: Scene) -> tuple[str, Any]:
    return AUTHORIZE, scene.params(response_type="code")


async def for_a_code_of_nobody(scene: Scene) -> tuple[str, Any]:
    return AUTHORIZE, scene.params(None, None)


Prepare = Callable[[Scene], Awaitable[tuple[str, Any]]]
every_create = pytest.mark.parametrize(
    "prepare",
    [by_code, by_refresh, by_password, by_implicit, by_client, for_a_code, for_a_code_of_nobody],
    ids=lambda prepare: prepare.__name__,
)


@every_create
async def test_a_repeated_call_gets_the_same_answer_to_the_letter(scene: Scene, prepare: Prepare) -> None:
    method, params = await prepare(scene)

    first = await scene.keyed("key", method, params)
    second = await scene.keyed("key", method, params)

    assert first.result
    assert second.body == first.body
    if "access_token" in first.result:
        assert await scene.world.is_alive(scene.service, first.result["access_token"])


@every_create
async def test_of_many_at_once_one_works_and_all_have_its_answer(scene: Scene, prepare: Prepare) -> None:
    method, params = await prepare(scene)

    answers_ = await asyncio.gather(*(scene.keyed("key", method, params) for _ in range(200)))

    assert {answer.status for answer in answers_} == {200}
    assert len({orjson.dumps(answer.result) for answer in answers_}) == 1
    assert len(await scene.tokens()) <= 1


async def test_without_a_key_or_with_another_one_the_work_is_done_again(scene: Scene) -> None:
    params = scene.params(PASSWORD)

    made = [
        await scene.keyed("one", CREATE, params),
        await scene.keyed("two", CREATE, params),
        await scene.world.call(CREATE, params),
        await scene.world.call(CREATE, params),
    ]

    assert len({answer.result["access_token"] for answer in made}) == 4


async def test_a_code_that_is_sent_again_with_its_key_is_no_replay(scene: Scene) -> None:
    method, params = await by_code(scene)

    first = await scene.keyed("key", method, params)
    await scene.keyed("key", method, params)
    replayed = await scene.keyed("another", method, params)

    assert replayed.oauth["error"] == "invalid_grant"
    assert not await scene.world.is_alive(scene.service, first.result["access_token"])


async def test_a_refresh_that_is_sent_again_after_its_grace_is_no_reuse(scene: Scene) -> None:
    await scene.world.set_policy(scene.service, refresh_grace=0)
    method, params = await by_refresh(scene)

    first = await scene.keyed("key", method, params)
    again = await scene.keyed("key", method, params)

    assert again.result == first.result
    assert await scene.world.is_alive(scene.service, first.result["access_token"])


OTHERS: dict[str, tuple[str, Callable[[Scene], Any]]] = {
    "another user": (CREATE, lambda scene: scene.params(PASSWORD, "mallory")),
    "no user": (CREATE, lambda scene: scene.params(PASSWORD, None)),
    "another flow": (CREATE, lambda scene: scene.params({"grant_type": "client_credentials"})),
    "another scope": (CREATE, lambda scene: scene.params({**PASSWORD, "scope": "read"})),
    "another state": (CREATE, lambda scene: scene.params(PASSWORD, uri={"redirect_uri": HTTPS, "state": "abc"})),
    "an argument that nobody knows": (CREATE, lambda scene: scene.params(PASSWORD, order=2)),
    "a member that nobody knows": (CREATE, lambda scene: scene.params({**PASSWORD, "username": "alice"})),
    "what nobody knows within what nobody knows": (CREATE, lambda scene: scene.params(PASSWORD, more={"order": [2]})),
    "one argument less": (CREATE, lambda scene: scene.params(PASSWORD, uri={"redirect_uri": HTTPS})),
}


@pytest.mark.parametrize("dialect", DIALECTS, ids=lambda dialect: dialect.name)
@pytest.mark.parametrize("other", OTHERS.values(), ids=OTHERS)
async def test_a_key_that_came_with_other_arguments_is_refused(
    scene: Scene, other: tuple[str, Callable[[Scene], Any]], dialect: Dialect
) -> None:
    await scene.keyed("key", CREATE, scene.params(PASSWORD))

    refused = await scene.keyed("key", other[0], other[1](scene), dialect)

    assert refused.status == (422 if dialect is CLOUD else 200)
    assert refused.error["code"] == -32602
    assert refused.error["data"] == [{"field": FIELD, "message": "came with other arguments before"}]
    assert len(await scene.tokens()) == 1
    assert await scene.tokens("mallory") == []


async def test_of_different_calls_at_once_with_one_key_one_kind_wins(scene: Scene) -> None:
    users = [f"user {number}" for number in range(10)] * 20

    made = await asyncio.gather(*(scene.keyed("key", CREATE, scene.params(PASSWORD, user)) for user in users))

    winners = {user for user, answer in zip(users, made, strict=True) if "result" in answer.json}
    listed = [token for user in set(users) for token in await scene.tokens(user)]
    assert len(winners) == len(listed) == 1


async def test_how_arguments_are_written_does_not_matter(scene: Scene) -> None:
    named = scene.params(PASSWORD)
    turned = dict(reversed(list(named.items()))) | {"scope": None}
    positional = [named[name] for name in ("service_key", "client", "token_data", "uri", "user_context")]

    made = [await scene.keyed("key", CREATE, params) for params in (named, turned, positional)]

    assert len({answer.result["access_token"] for answer in made}) == 1


async def test_what_nobody_knows_may_be_written_in_any_way_too(scene: Scene) -> None:
    """Found by reading: arguments that no method knows did not count, so another call had this one's answer."""
    named = scene.params({**PASSWORD, "username": "bob", "address": {"street": "Elm", "number": 4}})
    turned = scene.params({"address": {"number": 4, "town": None, "street": "Elm"}, "username": "bob", **PASSWORD})
    told_more = {**named, "order": None, "remark": ""}
    positional = [named[name] for name in ("service_key", "client", "token_data", "uri", "user_context")]

    made = [await scene.keyed("key", CREATE, params) for params in (named, turned, told_more, [*positional, None])]
    refused = await scene.keyed("key", CREATE, {**named, "order": "2"})

    assert len({answer.result["access_token"] for answer in made}) == 1
    assert refused.error["data"][0]["field"] == FIELD


async def test_a_key_belongs_to_its_service_and_method(scene: Scene) -> None:
    world = scene.world
    other = await world.add_service()
    client = await world.add_application(scene.service, other)

    made = await Scene(world, scene.service, client).keyed("key", CREATE, scene.params(PASSWORD))
    elsewhere = await Scene(world, other, client).keyed("key", CREATE, Scene(world, other, client).params(PASSWORD))
    code = await scene.keyed("key", AUTHORIZE, scene.params(None))

    assert made.result["access_token"] != elsewhere.result["access_token"]
    assert code.result["code"]


async def test_a_key_belongs_to_its_caller(scene: Scene) -> None:
    world = scene.world
    password = random_letters(16)
    caller = replace(
        world.caller, apikey=random_letters(24), user=random_letters(9), password=world.store.ring.hash(password)
    )
    await world.write(caller)
    other = Scene(replace(world, caller=caller, password=password), scene.service, scene.client)

    mine = await scene.keyed("key", CREATE, scene.params(PASSWORD))
    theirs = await other.keyed("key", CREATE, scene.params(PASSWORD, "someone else"))

    assert mine.result["access_token"] != theirs.result["access_token"]


async def test_only_a_success_is_kept(scene: Scene) -> None:
    await scene.world.set_policy(scene.service, token_cap=1)
    first = await scene.world.call(CREATE, scene.params(PASSWORD))
    refused = await scene.keyed("key", CREATE, scene.params(PASSWORD))

    gone = {name: value for name, value in scene.params().items() if name in ("service_key", "client")}
    await scene.world.call("revokeAccessToken", {**gone, "access_token": first.result["access_token"]})
    made = await scene.keyed("key", CREATE, scene.params(PASSWORD))

    assert refused.error["message"] == "Token limit reached"
    assert await scene.world.is_alive(scene.service, made.result["access_token"])


async def test_what_is_refused_before_anything_is_done_does_not_take_the_key(scene: Scene) -> None:
    wrong = await scene.keyed("key", CREATE, scene.params({"grant_type": "nothing known"}))
    right = await scene.keyed("key", CREATE, scene.params(PASSWORD))

    assert wrong.error["message"] == "Unsupported grant type"
    assert right.result["access_token"]


async def test_the_answer_is_the_first_one_also_when_the_policy_has_changed(scene: Scene) -> None:
    await scene.world.set_policy(scene.service, access_ttl=600, default_scopes=("read",))
    first = await scene.keyed("key", CREATE, scene.params(PASSWORD))

    await scene.world.set_policy(scene.service, access_ttl=900, default_scopes=("write",))
    again = await scene.keyed("key", CREATE, scene.params(PASSWORD))

    assert again.body == first.body


async def test_a_policy_that_keeps_tokens_elsewhere_makes_the_key_another(scene: Scene) -> None:
    """Found by an attack: a client's own tokens are kept elsewhere once they are counted, and so was the answer."""
    params = scene.params({"grant_type": "client_credentials"}, None)
    await scene.keyed("key", CREATE, params)

    await scene.world.set_policy(scene.service, token_cap=5)
    again = await scene.keyed("key", CREATE, params)

    assert again.error["data"][0]["field"] == FIELD


async def test_a_flow_that_was_switched_off_meanwhile_gives_no_kept_answer(scene: Scene) -> None:
    await scene.keyed("key", CREATE, scene.params(PASSWORD))

    await scene.world.set_policy(scene.service, flows=frozenset())

    assert (await scene.keyed("key", CREATE, scene.params(PASSWORD))).oauth["error"] == "unsupported_grant_type"


async def test_a_code_never_goes_to_a_redirect_uri_that_it_was_not_made_for(scene: Scene) -> None:
    params = scene.params(None, uri={"state": "xyz"})
    first = await scene.keyed("key", AUTHORIZE, params)

    await scene.world.write(replace(scene.client, redirect_uris=("https://elsewhere.example.com/cb",)))
    again = await scene.keyed("key", AUTHORIZE, params)

    assert first.result["uri"]["redirect_uri"].startswith(HTTPS)
    assert again.error["data"][0]["field"] == FIELD


MALFORMED = ["", " ", "two words", "tab\there", "é", "k" * 256]


@pytest.mark.parametrize("method", [CREATE, AUTHORIZE])
@pytest.mark.parametrize("key", MALFORMED, ids=repr)
async def test_a_malformed_key_is_refused_by_name(scene: Scene, key: str, method: str) -> None:
    params = scene.params(PASSWORD) if method == CREATE else scene.params()

    refused = await scene.keyed(key, method, params)

    assert refused.error["code"] == -32602
    assert refused.error["data"] == [
        {"field": FIELD, "message": "must be given once, with 1 to 255 visible ASCII characters"}
    ]
    assert await scene.tokens() == []


@pytest.mark.parametrize("key", ["!", "~" * 255, "8e03978e-40d5-43e8-bc93-6894a57f9324"], ids=len)
async def test_any_visible_ascii_is_a_key(scene: Scene, key: str) -> None:
    first = await scene.keyed(key, CREATE, scene.params(PASSWORD))

    assert (await scene.keyed(key, CREATE, scene.params(PASSWORD))).result == first.result


async def test_other_methods_pass_over_it(scene: Scene) -> None:
    token = (await scene.world.call(CREATE, scene.params(PASSWORD))).result["access_token"]

    for key in ("key", "key", "two words"):
        assert (await scene.keyed(key, "fetchAccessToken", [scene.service.key, token])).result


def batch(*calls: tuple[str, Any]) -> bytes:
    return orjson.dumps(
        [
            {"jsonrpc": "2.0", "method": f"oauth2.{method}", "params": params, "id": at}
            for at, (method, params) in enumerate(calls)
        ]
    )


async def test_in_a_batch_it_stands_beside_one_create_call(scene: Scene) -> None:
    body = batch((CREATE, scene.params(PASSWORD)), ("fetchUserApplications", [scene.service.key, "alice"]))

    first = (await scene.world.post(body, headers={FIELD: "key"})).json
    again = (await scene.world.post(body, headers={FIELD: "key"})).json

    assert again[0] == first[0]
    assert len(await scene.tokens()) == 1


async def test_in_a_batch_beside_several_create_calls_all_of_those_are_refused(scene: Scene) -> None:
    params = scene.params(PASSWORD)
    body = batch((CREATE, params), (AUTHORIZE, scene.params()), ("fetchUserApplications", [scene.service.key, "alice"]))

    found = (await scene.world.post(body, headers={FIELD: "key"})).json

    problem = [{"field": FIELD, "message": "belongs to one create call, and here are several"}]
    assert [each["error"]["data"] for each in found[:2]] == [problem, problem]
    assert found[2]["result"] == []
    assert await scene.tokens() == []


async def test_claim_and_answer_end_after_a_day(scene: Scene) -> None:
    await scene.keyed("key", CREATE, scene.params(PASSWORD))

    name = f"{scene.world.caller.apikey}\n{scene.service.key}\ncreateAccessToken\nkey"
    claim_key = keys.claim(name)
    link = scene.world.store.link
    claim = (await link.run(claim_key, "GET", claim_key)).decode()
    tag = scene.world.store.texts.tag_of_user(scene.service.id, "alice")
    answer_key = keys.answer(tag, Once(name, claim))
    lives = [await link.run(key, "PTTL", key) for key in (claim_key, answer_key)]

    assert all(86_390_000 < life <= 86_400_000 for life in lives)


async def test_a_claim_that_ended_leaves_no_answer_to_other_arguments(scene: Scene) -> None:
    first = await scene.keyed("key", CREATE, scene.params(PASSWORD))
    name = keys.claim(f"{scene.world.caller.apikey}\n{scene.service.key}\ncreateAccessToken\nkey")

    await scene.world.store.link.run(name, "DEL", name)  # it ends a little before the answer does
    other = await scene.keyed("key", CREATE, scene.params({**PASSWORD, "scope": "read"}))

    assert other.result["access_token"] != first.result["access_token"]
    assert other.result["scope"] == "read"
