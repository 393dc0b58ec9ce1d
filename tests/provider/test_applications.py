"""Your applications: what an application can do is seen, and ends when its user says so."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from mashery_oauth.models import Application, Service
from mashery_oauth.provider.backend import Backend
from mashery_oauth.provider.parts import BACKEND, CONFIGURATION
from tests.world import World

from .visiting import ANNA, OpenStage, Page, Stage, Visitor

REVOKE = "/applications/revoke"


async def tokens(stage: Stage, application: Application, service: Service, user: str = ANNA.user_context) -> Any:
    """A token of a user, as the password flow gives it."""
    answer = await stage.world.token(service, application, {"grant_type": "password"}, user_context=user)
    return answer.result


async def seen(stage: Stage, username: str = "anna") -> tuple[Visitor, Page]:
    """A user's own page."""
    visitor = await stage.visitor()
    return visitor, await visitor.log_in(await visitor.get("/applications"), username)


async def test_shows_what_applications_have_of_the_user(open_stage: OpenStage) -> None:
    stage = await open_stage(client={"name": "Payment Planner"})
    quiet = await stage.world.add_application(stage.service, name="Never Used")
    for _ in range(2):
        await tokens(stage, stage.application, stage.service)

    _, page = await seen(stage)

    assert "Payment Planner payments, 2 tokens in use Revoke" in page.text
    assert quiet.name not in page.text


async def test_shows_nobody_what_others_have_allowed(open_stage: OpenStage) -> None:
    stage = await open_stage()
    await tokens(stage, stage.application, stage.service)

    _, page = await seen(stage, "ben")

    assert "No application can use your account." in page.text
    assert not page.has_form(REVOKE)


async def test_revoking_ends_tokens_and_refresh_tokens(open_stage: OpenStage) -> None:
    stage = await open_stage(client={"name": "Payment Planner"})
    made = await tokens(stage, stage.application, stage.service)
    others = await tokens(stage, stage.application, stage.service, "user-4712")
    anna, page = await seen(stage)

    page = await anna.post(REVOKE, page.form(REVOKE))

    assert "Payment Planner can use your account no longer." in page.text
    assert "No application can use your account." in page.text
    assert not await stage.world.is_alive(stage.service, made["access_token"])
    refreshed = await stage.world.refresh(stage.service, stage.application, made["refresh_token"])
    assert refreshed.oauth["error"] == "invalid_grant"
    assert await stage.world.is_alive(stage.service, others["access_token"])


async def two_services(open_stage: OpenStage, world: World) -> tuple[Stage, list[tuple[Service, Application]]]:
    """A provider with two services, and an application on each."""
    services = [await world.add_service() for _ in range(2)]
    stage = await open_stage(
        services=[{"name": name, "service_key": service.key} for name, service in zip("ab", services, strict=True)]
    )
    return stage, [(each, await world.add_application(each, name=f"App of {each.name}")) for each in services]


async def test_revokes_at_the_service_that_was_chosen(open_stage: OpenStage, one_world: World) -> None:
    stage, pairs = await two_services(open_stage, one_world)
    made = [await tokens(stage, application, service) for service, application in pairs]
    anna, page = await seen(stage)

    page = await anna.post(REVOKE, page.form(REVOKE))

    alive = [await stage.world.is_alive(pair[0], each["access_token"]) for pair, each in zip(pairs, made, strict=True)]
    assert alive == [False, True]
    assert pairs[1][1].name in page.text


@pytest.mark.parametrize("field", ["csrf", "access"])
@pytest.mark.parametrize("value", ["", "x", "of another"])
async def test_revokes_nothing_for_a_form_of_somebody_else(open_stage: OpenStage, field: str, value: str) -> None:
    """Another user's sealed text is good only for one's own account, so it is only their token that is refused."""
    stage = await open_stage()
    made = await tokens(stage, stage.application, stage.service)
    anna, page = await seen(stage)
    _, other = await seen(stage, "ben")
    foreign = {"csrf": other.form("/logout")["csrf"], "access": page.form("/logout")["csrf"]}[field]
    form = page.form(REVOKE) | {field: foreign if value == "of another" else value}

    page = await anna.post(REVOKE, form)

    assert page.status == 403
    assert await stage.world.is_alive(stage.service, made["access_token"])


async def test_what_one_user_sees_lets_no_other_revoke_it(open_stage: OpenStage) -> None:
    stage = await open_stage()
    made = await tokens(stage, stage.application, stage.service)
    _, page = await seen(stage)
    ben, own = await seen(stage, "ben")

    form = {"csrf": own.form("/logout")["csrf"], "access": page.form(REVOKE)["access"]}
    await ben.post(REVOKE, form)

    assert await stage.world.is_alive(stage.service, made["access_token"])


async def test_takes_no_form_from_another_site(open_stage: OpenStage) -> None:
    stage = await open_stage()
    made = await tokens(stage, stage.application, stage.service)
    anna, page = await seen(stage)

    page = await anna.post(REVOKE, page.form(REVOKE), {"Origin": "https://evil.example.org"})

    assert page.status == 403
    assert await stage.world.is_alive(stage.service, made["access_token"])


async def test_asks_to_log_in_where_the_login_has_ended(open_stage: OpenStage) -> None:
    stage = await open_stage()
    made = await tokens(stage, stage.application, stage.service)
    anna, page = await seen(stage)
    anna.http.session.cookie_jar.clear()

    page = await anna.post(REVOKE, page.form(REVOKE))

    assert page.has_form("/login")
    assert await stage.world.is_alive(stage.service, made["access_token"])


async def test_says_which_service_cannot_be_shown(open_stage: OpenStage, one_world: World) -> None:
    services = [await one_world.add_service() for _ in range(2)]
    keys = [services[0].key, "a service that nobody knows"]
    stage = await open_stage(services=[{"name": n, "service_key": key} for n, key in zip("ab", keys, strict=True)])
    application = await one_world.add_application(services[0], name="Payment Planner")
    await tokens(stage, application, services[0])

    _, page = await seen(stage)

    assert "What you have allowed at b cannot be shown right now." in page.text
    assert "Payment Planner a, 1 token in use" in page.text
    assert "No application can use your account." not in page.text


async def test_never_says_that_there_is_nothing_where_the_backend_is_gone(open_stage: OpenStage) -> None:
    stage = await open_stage()
    await tokens(stage, stage.application, stage.service)
    anna, before = await seen(stage)
    await without_backend(stage)

    shown = await anna.get("/applications")
    revoked = await anna.post(REVOKE, before.form(REVOKE))

    assert "What you have allowed at payments cannot be shown right now." in shown.text
    assert "No application" not in shown.text
    assert revoked.status == 503
    assert "Nobody knows whether the access of" in revoked.text


async def without_backend(stage: Stage) -> None:
    """From now on nobody answers."""
    await stage.app[BACKEND].close()
    configuration = stage.app[CONFIGURATION]
    place = replace(configuration.backend, url="http://127.0.0.1:1", timeout=0.2)
    stage.app._state[BACKEND] = Backend(place, configuration.services)


async def test_a_name_is_shown_as_text(open_stage: OpenStage) -> None:
    stage = await open_stage(client={"name": "<img src=x onerror=alert(1)>"})
    await tokens(stage, stage.application, stage.service)

    anna, page = await seen(stage)
    revoked = await anna.post(REVOKE, page.form(REVOKE))

    assert "<img" not in page.source + revoked.source
    assert "&lt;img src=x" in page.source
    assert "&lt;img src=x" in revoked.source


async def test_who_comes_without_aim_comes_to_their_applications(open_stage: OpenStage) -> None:
    stage = await open_stage()
    anna = await stage.visitor()

    page = await anna.log_in(await anna.get("/"))

    assert "No application can use your account." in page.text
