"""What holds for each flow, whichever: a new file in the folder is tested here without being named."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from mashery_oauth import flows
from mashery_oauth.errors import oauth_error
from mashery_oauth.flow import Flow
from mashery_oauth.flows import FLOWS, for_grant_type, for_response_type
from mashery_oauth.models import Application, Relay, Service
from mashery_oauth.policy import step_of
from mashery_oauth.profiles import ALL, PROFILES
from mashery_oauth.shapes import request_of
from tests.world import HTTPS, Answer, World

FOLDER = Path(str(flows.__file__)).parent
NAMES = sorted(path.stem for path in FOLDER.glob("*.py") if path.stem != "__init__")

KNOWN = [(flow, profile) for flow in FLOWS.values() for profile in PROFILES if flow.known_in(profile)]
FIRST = [(flow, profile) for flow, profile in KNOWN if not flow.requires]  # need no grant that there already is


def _each(cases: list[tuple[Flow, str]]) -> pytest.MarkDecorator:
    ids = [f"{flow.name}-{profile}" for flow, profile in cases]
    return pytest.mark.parametrize(("flow", "profile"), cases, ids=ids)


each_flow = pytest.mark.parametrize("flow", FLOWS.values(), ids=FLOWS)
each_profile = pytest.mark.parametrize("profile", PROFILES)


def selectors(flow: Flow, profile: str) -> list[dict[str, str]]:
    """Every way to select a flow in createAccessToken."""
    found = [{"grant_type": name} for name, where in flow.grant_types.items() if profile in where]
    if flow.at_authorization and flow.response_type:
        found.append({"response_type": flow.response_type})
    return found


def everything(flow: Flow, profile: str) -> dict[str, Any]:
    """Token data that lacks nothing, though what it names may be unknown."""
    texts = {"code": "c" * 44, "refresh_token": "r" * 60}
    needed = {requirement.argument for requirement in flow.requires}
    return selectors(flow, profile)[0] | {name: text for name, text in texts.items() if name in needed}


async def asked(
    world: World, service: Service, client: Application, data: dict[str, Any], uri: dict[str, Any] | None = None
) -> Answer:
    """createAccessToken with a redirect URI, unless another is given."""
    return await world.token(service, client, data, uri={"redirect_uri": HTTPS} if uri is None else uri)


def test_is_found_by_listing_the_folder() -> None:
    assert sorted(FLOWS) == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_has_the_name_of_its_file(name: str) -> None:
    assert FLOWS[name].name == name


@pytest.mark.parametrize("name", NAMES)
def test_has_a_test_file_of_its_own(name: str) -> None:
    assert Path(__file__).with_name(f"test_{name}.py").exists()


@each_flow
def test_says_what_it_is_and_where_the_standard_has_it(flow: Flow) -> None:
    assert flow.summary.endswith(".")
    assert "RFC 6749" in flow.section


@each_flow
def test_names_only_profiles_that_there_are(flow: Flow) -> None:
    named = flow.profiles | flow.refreshable | {name for where in flow.grant_types.values() for name in where}

    assert named <= ALL


@each_profile
def test_shares_no_selector_with_another(profile: str) -> None:
    grant_types = Counter(
        name for flow in FLOWS.values() for name, where in flow.grant_types.items() if profile in where
    )
    response_types = Counter(flow.response_type for flow in FLOWS.values() if flow.response_type)

    assert set(grant_types.values()) == {1}
    assert set(response_types.values()) == {1}


@each_profile
@each_flow
def test_is_selected_by_what_it_says(flow: Flow, profile: str) -> None:
    named = [for_grant_type(name, profile) for name, where in flow.grant_types.items() if profile in where]

    assert named == [flow]
    assert flow.response_type is None or for_response_type(flow.response_type) is flow


@each_profile
@each_flow
def test_is_at_its_step_however_it_is_selected(flow: Flow, profile: str) -> None:
    wanted = "authorization" if flow.at_authorization else "token"

    found = {step_of(request_of({"token_data": data})) for data in selectors(flow, profile)}

    assert found == {wanted}


@each_profile
@each_flow
async def test_is_refused_by_name_where_the_service_has_it_off(one_world: World, flow: Flow, profile: str) -> None:
    others = frozenset(FLOWS) - {flow.name}
    service = await one_world.add_service(profile, flows=others)
    client = await one_world.add_application(service)

    found = [await asked(one_world, service, client, data) for data in selectors(flow, profile)]

    assert {answer.error["message"] for answer in found} == {f"Flow {flow.name} is not enabled for this service"}


@each_profile
@each_flow
async def test_is_refused_by_name_where_the_application_may_not(one_world: World, flow: Flow, profile: str) -> None:
    service = await one_world.add_service(profile)
    client = await one_world.add_application(service, flows=frozenset(FLOWS) - {flow.name})

    found = [await asked(one_world, service, client, data) for data in selectors(flow, profile)]

    messages = {answer.error["message"] for answer in found}
    known = flow.known_in(profile)
    refusal = "is not allowed for this client" if known else "is not enabled for this service"
    assert messages == {f"Flow {flow.name} {refusal}"}


@each_profile
@each_flow
async def test_is_allowed_to_an_application_that_names_it(one_world: World, flow: Flow, profile: str) -> None:
    service = await one_world.add_service(profile, pkce="optional")
    client = await one_world.add_application(service, flows=frozenset({flow.name}))

    found = await asked(one_world, service, client, everything(flow, profile))

    said = "" if "result" in found.json else found.error["message"]
    assert ("is not enabled" in said) == (not flow.known_in(profile))
    assert "is not allowed" not in said


@_each(KNOWN)
async def test_refuses_by_name_what_lacks_a_requirement(one_world: World, flow: Flow, profile: str) -> None:
    service = await one_world.add_service(profile)
    client = await one_world.add_application(service)

    for requirement in flow.requires:
        if profile not in requirement.profiles:
            continue
        data = everything(flow, profile) | {requirement.argument: None}
        uri = {} if requirement.argument == "redirect_uri" else {"redirect_uri": HTTPS}
        found = await asked(one_world, service, client, data, uri)
        assert found.error["message"] == requirement.row.message
        assert found.oauth["error"] == oauth_error(requirement.row, Relay("token", profile)) == "invalid_request"


@each_flow
async def test_says_how_its_token_is_to_be_returned(world: World, flow: Flow) -> None:
    service = await world.add_service("rfc6749")
    client = await world.add_application(service)
    data = everything(flow, "rfc6749")
    if "code" in data or "refresh_token" in data:
        made = (await world.redeem(service, client, await world.code(service, client))).result
        data |= {"code": await world.code(service, client), "refresh_token": made["refresh_token"]}

    found = await asked(world, service, client, data)

    assert found.result["return_type"] == "json"
    assert found.result["uri"] is None
    assert await world.is_alive(service, found.result["access_token"])


@pytest.mark.parametrize("flow", [flow for flow in FLOWS.values() if flow.at_authorization], ids=lambda flow: flow.name)
async def test_redirects_only_by_response_type(one_world: World, flow: Flow) -> None:
    service = await one_world.add_service("rfc6749")
    client = await one_world.add_application(service)

    found = await asked(one_world, service, client, {"response_type": flow.response_type})

    assert found.result["return_type"] == "redirect"
    assert found.result["uri"]["redirect_uri"].startswith(HTTPS + "#")


@_each(FIRST)
async def test_yields_a_refresh_token_only_where_it_may(one_world: World, flow: Flow, profile: str) -> None:
    service = await one_world.add_service(profile)
    client = await one_world.add_application(service)

    found = await asked(one_world, service, client, everything(flow, profile))

    assert ("refresh_token" in found.result) == (profile in flow.refreshable)
