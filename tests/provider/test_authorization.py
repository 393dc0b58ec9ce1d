"""What a client asks for: judged before the user is, and never an open redirector."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

import pytest

from tests.effort import tally
from tests.world import HTTPS, World

from .visiting import OpenStage, Page, Stage

PROFILES = ("draft10", "draft16", "rfc6749", "oauth21")
CHALLENGE = {"code_challenge": "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM", "code_challenge_method": "S256"}
EVIL = "https://evil.example.org/cb"


def stays(page: Page, status: int, error: str) -> bool:
    """Whether the user is told, and sent nowhere."""
    return page.status == status and page.location == "" and f"<code>{error}</code>" in page.source


async def of_profile(open_stage: OpenStage, profile: str, **options: Any) -> Stage:
    """A provider whose service follows a text."""
    return await open_stage(profile, rendering=profile, **options)


@pytest.mark.parametrize("profile", PROFILES)
async def test_asks_to_log_in_for_a_request_that_is_in_order(open_stage: OpenStage, profile: str) -> None:
    stage = await of_profile(open_stage, profile)
    anna = await stage.visitor()

    page = await anna.authorize(**stage.request(**CHALLENGE), unknown="passed over")

    assert page.status == 200
    assert page.has_form("/login")
    assert stage.application.name in page.text


@pytest.mark.parametrize("profile", PROFILES)
@pytest.mark.parametrize(
    ("changed", "error"),
    [
        ({"redirect_uri": EVIL}, {"draft10": "redirect_uri_mismatch"}),
        ({"redirect_uri": HTTPS + "/"}, {"draft10": "redirect_uri_mismatch"}),
        ({"redirect_uri": HTTPS + "?more"}, {"draft10": "redirect_uri_mismatch"}),
        ({"redirect_uri": "https://client.example.com.evil.example.org/cb"}, {"draft10": "redirect_uri_mismatch"}),
        ({"redirect_uri": "javascript:alert(1)"}, {}),
        ({"redirect_uri": "//evil.example.org/cb"}, {}),
        ({"redirect_uri": "https://client.example.com\\@evil.example.org/cb"}, {}),
        ({"redirect_uri": HTTPS + "#fragment"}, {}),
    ],
    ids=lambda value: next(iter(value.values()), "") if isinstance(value, dict) else value,
)
async def test_never_sends_anybody_to_a_uri_that_is_not_the_clients(
    open_stage: OpenStage, profile: str, changed: dict[str, str], error: dict[str, str]
) -> None:
    stage = await of_profile(open_stage, profile)
    anna = await stage.visitor()

    good = await anna.authorize(**stage.request(**changed, **CHALLENGE))
    bad = await anna.authorize(**stage.request(**changed, response_type="nonsense", scope='"'))

    assert stays(good, 400, error.get(profile, "invalid_request"))
    assert stays(bad, 400, error.get(profile, "invalid_request"))
    tally("redirect URIs that were not the client's", 2)


@pytest.mark.parametrize("profile", PROFILES)
async def test_never_sends_anybody_anywhere_for_a_client_that_nobody_knows(open_stage: OpenStage, profile: str) -> None:
    stage = await of_profile(open_stage, profile)
    anna = await stage.visitor()

    unknown = await anna.authorize(**stage.request(client_id="nobody", redirect_uri=EVIL))
    nameless = await anna.authorize(response_type="code", redirect_uri=HTTPS)
    empty = await anna.authorize(**stage.request(client_id="", redirect_uri=HTTPS))

    assert stays(unknown, 400, "unauthorized_client")
    assert stays(nameless, 400, "invalid_request")
    assert stays(empty, 400, "invalid_request")


@pytest.mark.parametrize(
    "query",
    ["client_id={id}&client_id=other&response_type=code", "client_id={id}&redirect_uri={uri}&redirect_uri={uri}",
     "client_id={id}&response_type=code&state=%FF", "client_id={id}&" + "&".join(f"a{n}=1" for n in range(100))],
)  # fmt: skip
async def test_tells_only_the_user_where_it_is_not_clear_who_asks(open_stage: OpenStage, query: str) -> None:
    stage = await open_stage()
    anna = await stage.visitor()

    page = await anna.get("/oauth2/authorize?" + query.format(id=stage.application.client_id, uri=HTTPS))

    assert stays(page, 400, "invalid_request")


async def test_takes_a_request_by_post_as_well(open_stage: OpenStage) -> None:
    stage = await open_stage()
    anna = await stage.visitor()
    by_another_site = {"Origin": "https://client.example.com", "Sec-Fetch-Site": "cross-site"}

    page = await anna.post("/oauth2/authorize", stage.request(), by_another_site)
    body = urlencode([*stage.request().items(), ("scope", "a"), ("scope", "b"), ("client_secret", "a-secret")])
    headers = by_another_site | {"Content-Type": "application/x-www-form-urlencoded"}
    async with anna.http.post("/oauth2/authorize", data=body, headers=headers, allow_redirects=False) as response:
        location = response.headers["Location"]

    assert page.has_form("/login")
    assert "a-secret" not in location
    assert (await anna.get(location)).answer["error"] == "invalid_request"


async def test_refuses_a_client_that_two_services_know(open_stage: OpenStage, one_world: World) -> None:
    services = [await one_world.add_service() for _ in range(2)]
    both = await one_world.add_application(*services)
    stage = await open_stage(services=[{"name": each.key, "service_key": each.key} for each in services])
    anna = await stage.visitor()

    page = await anna.authorize(**stage.request(client_id=both.client_id, redirect_uri=HTTPS))

    assert stays(page, 400, "server_error")


async def test_says_that_it_cannot_see_right_now_where_the_backend_is_gone(open_stage: OpenStage) -> None:
    nobody = {"url": "http://127.0.0.1:1", "user": "u", "password": "secret-of-the-caller", "timeout": 0.2}
    stage = await open_stage(backend=nobody)
    anna = await stage.visitor()

    page = await anna.authorize(**stage.request())

    assert stays(page, 503, "temporarily_unavailable")
    assert int(page.headers["Retry-After"]) >= 1
    assert "secret-of-the-caller" not in page.source


async def test_says_that_the_fault_is_here_where_the_backend_does_not_let_it_in(
    open_stage: OpenStage, one_world: World
) -> None:
    url = str(one_world.http.make_url(""))
    stage = await open_stage(backend={"url": url, "user": "u", "password": "secret-of-the-caller"})
    anna = await stage.visitor()

    page = await anna.authorize(**stage.request())

    assert stays(page, 500, "server_error")
    assert "secret-of-the-caller" not in page.source


async def test_shows_nothing_of_the_request_unescaped(open_stage: OpenStage) -> None:
    stage = await open_stage(client={"name": "<b>Planner</b> & <script>alert(1)</script>"})
    anna = await stage.visitor()

    asked = await anna.authorize(**stage.request(scope="read <i>"))
    page = await stage.at_consent(anna, scope="read&<script>", state="<script>")

    assert "<script" not in asked.source + page.source
    assert "<b>Planner" not in page.source
    assert "&lt;b&gt;Planner&lt;/b&gt; &amp; &lt;script&gt;" in page.source
    assert "read&amp;&lt;script&gt;" in page.source
