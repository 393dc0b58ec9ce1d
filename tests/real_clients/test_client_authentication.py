"""How libraries say who their client is, with a secret of letters and with one that must be packed."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.effort import tally
from tests.world import SECRET

from .conftest import Open, Tell, error_of
from .errand import BASIC, BASIC_AND_ID, Library
from .libraries import LIBRARIES
from .matrix import PROFILES
from .scene import LETTERS

# RFC 6749 §A.2 allows it. Such a secret may come with an import; those that are generated are letters and digits.
ODD = 'a+b%41:c d/=&"~'


def expected(library: Library, method: str, profile: str, secret: str) -> str | None:
    """The error with which it must end, if with one.

    RFC 6749 §2.3.1 has Basic form-encoded, the drafts have it as it is; draft 16 §3.1 wants the client's identifier in
    the body as well.
    """
    if method not in (BASIC, BASIC_AND_ID):
        return None
    if method == BASIC and profile == "draft16":
        return "invalid_request"
    reads_encoded = profile != "draft16"
    return None if secret == LETTERS or library.encodes is reads_encoded else "invalid_client"


CASES = [
    (library, method, profile, secret)
    for library in LIBRARIES
    for method in library.methods
    for profile in PROFILES
    for secret in (LETTERS, ODD)
]


def name_of(case: tuple[Library, str, str, str]) -> str:
    library, method, profile, secret = case
    return f"{library.name}-{method}-{profile}-{'letters' if secret == LETTERS else 'odd'}"


@pytest.mark.parametrize("case", CASES, ids=name_of)
async def test_shows_its_secret(open_scene: Open, tell: Tell, case: tuple[Library, str, str, str]) -> None:
    library, method, profile, secret = case
    scene = await open_scene(profile, secret=secret)
    errand = replace(scene.errand, method=method)

    error = await error_of(library, tell(library, "client_credentials", errand))

    assert error == expected(library, method, profile, secret)
    tally("ways of client authentication that were tried with libraries")


@pytest.mark.parametrize("profile", PROFILES)
@pytest.mark.parametrize("library", LIBRARIES, ids=lambda library: library.name)
async def test_understands_that_its_secret_is_wrong(
    open_scene: Open, tell: Tell, library: Library, profile: str
) -> None:
    scene = await open_scene(profile)
    errand = replace(scene.errand, client_secret=SECRET + "x")

    error = await error_of(library, tell(library, "client_credentials", errand))

    assert error == "invalid_client"
