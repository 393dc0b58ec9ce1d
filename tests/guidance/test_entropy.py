"""How much there is to guess: every text that is a credential, beyond the letters that say where it lies."""

from __future__ import annotations

import math

import pytest

from mashery_oauth.operation import CLIENT_SECRET_LENGTH
from mashery_oauth.store.texts import ALPHABET, FAMILY, SECRET
from tests.flows.calls import granted
from tests.world import World


@pytest.mark.parametrize("length", [SECRET, CLIENT_SECRET_LENGTH], ids=["codes and tokens", "client secrets"])
def test_secrets_have_160_bits_beyond_what_places_them(length: int) -> None:
    assert length * math.log2(len(ALPHABET)) >= 160


async def test_what_is_handed_out_has_as_many_letters_as_that(one_world: World) -> None:
    service = await one_world.add_service("draft16")
    client = await one_world.add_application(service)
    made, code = await granted(one_world, service, client), await one_world.code(service, client)

    lengths = {name: len(text) for name, text in (made | {"code": code}).items() if name in ("access_token", "code")}

    assert lengths == {"access_token": 12 + SECRET, "code": 12 + SECRET}
    assert len(made["refresh_token"]) == 12 + FAMILY + SECRET
