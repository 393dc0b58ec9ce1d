"""Every type of JSON in the place of every argument, in every form and dialect: named if wrong, and nothing kept."""

from __future__ import annotations

from typing import Any

import pytest

from mashery_oauth.dialects import CLOUD, Dialect
from mashery_oauth.methods import METHODS
from tests.effort import tally
from tests.world import Answer

from .places import VALUES, Form, Place, forms, places, problem, right
from .scene import Scene


def named(place: Place, value: Any) -> tuple[int, str, list[dict[str, str]]]:
    """The error that a wrong value is due: code, message, data."""
    found = problem(place.field, value)
    assert found is not None
    name, text = place.name + found[0], found[1]
    return -32602, f"Invalid params: {name} {text}", [{"field": name, "message": text}]


def attempts(method: str, *, wrong: bool) -> list[tuple[Form, Place, Any]]:
    """Each value in each place in each form, where it is wrong or where it is right."""
    return [
        (form, place, value)
        for form in forms(method)
        for place in places(method)
        for value in VALUES
        if form.takes(place, value) and (problem(place.field, value) is not None) is wrong
    ]


def required(method: str) -> list[str]:
    """What a method does not do without."""
    return [place.name for place in places(method) if place.field.required]


def told(answer: Answer) -> Any:
    """Code, message and data of an answer's error."""
    error = answer.json.get("error") or {}
    return error.get("code"), error.get("message"), error.get("data")


@pytest.mark.parametrize("method", [name for name in METHODS if attempts(name, wrong=True)])
async def test_a_wrong_type_is_refused_by_name_and_nothing_is_kept(scene: Scene, dialect: Dialect, method: str) -> None:
    usual, tried = right(scene, method), attempts(method, wrong=True)
    before = await scene.kept()

    answers = [await scene.call(method, form.params(place.put(usual, value)), dialect) for form, place, value in tried]

    assert [
        (form.name, place.name, value, answer.body)
        for (form, place, value), answer in zip(tried, answers, strict=True)
        if told(answer) != named(place, value)
    ] == []
    assert {answer.status for answer in answers} == {400 if dialect is CLOUD else 200}
    assert await scene.kept() == before
    tally("arguments of a wrong type", len(tried))


def is_called_wrong(place: Place, answer: Answer) -> bool:
    """Whether an answer says that a value is of a wrong type, rather than not one of those that may be."""
    data = (answer.json.get("error") or {}).get("data") or []
    return any(each["field"] == place.name and " none of " not in each["message"] for each in data) and not any(
        each["message"].startswith("must be from ") for each in data
    )


@pytest.mark.parametrize("method", METHODS)
async def test_a_right_type_is_never_called_wrong(scene: Scene, method: str) -> None:
    usual, tried = right(scene, method), attempts(method, wrong=False)

    answers = [await scene.call(method, form.params(place.put(usual, value))) for form, place, value in tried]

    assert [
        (form.name, place.name, value)
        for (form, place, value), answer in zip(tried, answers, strict=True)
        if is_called_wrong(place, answer)
    ] == []
    tally("arguments of a right type", len(tried))


@pytest.mark.parametrize("nothing", [[], {}, None, [None], [None] * 50, {"nobody_knows": 1}], ids=repr)
@pytest.mark.parametrize("method", [name for name in METHODS if required(name)])
async def test_what_is_required_and_not_there_is_named(
    scene: Scene, dialect: Dialect, method: str, nothing: Any
) -> None:
    answer = await scene.call(method, nothing, dialect)

    assert answer.error["code"] == -32602
    assert answer.error["data"] == [{"field": name, "message": "is required"} for name in required(method)]


@pytest.mark.parametrize("method", [name for name in METHODS if any(place.path[1:] for place in places(name))])
async def test_all_that_is_wrong_is_told_at_once_in_the_order_of_the_schema(scene: Scene, method: str) -> None:
    arguments = right(scene, method)
    innermost = [place for place in places(method) if not hasattr(place.field, "schema")]
    for place in innermost:
        arguments = place.put(arguments, {"x": 1})

    answer = await scene.call(method, arguments)

    assert [each["field"] for each in answer.error["data"]] == [place.name for place in innermost]
    assert answer.error["message"].startswith(f"Invalid params: {innermost[0].name} ")


@pytest.mark.parametrize("spelled", ["1e400", "-1e400", "NaN", "Infinity", "-Infinity", "+1", "01", ".5", "1.", "0x1"])
async def test_what_is_no_number_of_json_is_no_json(scene: Scene, dialect: Dialect, spelled: str) -> None:
    before = await scene.kept()
    body = f'{{"method":"test.echo","params":[{spelled}],"id":1}}'

    answer = await scene.post(body.encode(), dialect)

    assert answer.error == {"message": "Parse error", "code": -32700}
    assert await scene.kept() == before


def whole_numbers() -> list[Place]:
    """Every argument that is a whole number."""
    found = [place for method in METHODS for place in places(method)]
    return [place for place in found if problem(place.field, 1) is None and problem(place.field, 1.5) is not None]


@pytest.mark.parametrize("spelled", ["1.0", "1e2", "-0.0", "1" + "0" * 30, "-" + "9" * 20, "true", '"1"', "0.1e1"])
@pytest.mark.parametrize("place", whole_numbers(), ids=lambda place: f"{place.method}-{place.name}")
async def test_what_is_spelled_otherwise_than_a_whole_number_is_none(scene: Scene, place: Place, spelled: str) -> None:
    marked = place.put(right(scene, place.method), "SPELLED")
    before = await scene.kept()

    answer = await scene.call(place.method, marked)
    spelling = await scene.post(scene.written(place.method, marked).replace(b'"SPELLED"', spelled.encode()))

    assert answer.error["message"] == spelling.error["message"] == f"Invalid params: {place.name} must be an integer"
    assert await scene.kept() == before


@pytest.mark.parametrize("number", ["0", "-0", "-1", str(2**63), str(2**64 - 1)])
@pytest.mark.parametrize("place", whole_numbers(), ids=lambda place: f"{place.method}-{place.name}")
async def test_a_whole_number_of_any_size_is_taken_or_refused_as_one(scene: Scene, place: Place, number: str) -> None:
    marked = place.put(right(scene, place.method), "SPELLED")

    answer = await scene.post(scene.written(place.method, marked).replace(b'"SPELLED"', number.encode()))

    message = answer.json["error"]["message"] if answer.json.get("error") else ""
    assert message in ("", "Unable to update token") or message.startswith(f"Invalid params: {place.name} must be from")
