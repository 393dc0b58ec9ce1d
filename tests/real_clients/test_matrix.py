"""What the tables of the documentation say is whole, and what it rests on is pinned."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from .errand import Library
from .libraries import LIBRARIES
from .matrix import FLOWS, PROGRAMS, cases, version_of


@pytest.mark.parametrize("library", LIBRARIES, ids=lambda library: library.name)
def test_each_flow_is_gone_through_or_there_is_a_reason(library: Library) -> None:
    done, missing = set(library.flows), set(library.missing)

    assert done | missing == set(FLOWS)
    assert not done & missing
    assert set(library.deaf) <= done


def test_no_case_is_forgotten() -> None:
    good, refused = cases(refused=False), cases(refused=True)

    assert len(good) + len(refused) == 3 * sum(len(library.flows) for library in LIBRARIES)
    assert not [case for case in good if case in refused]


def test_packages_are_pinned_whole_and_to_no_place() -> None:
    lock: dict[str, Any] = json.loads((PROGRAMS / "package-lock.json").read_text())
    packages = {name: package for name, package in lock["packages"].items() if name}

    assert [name for name, package in packages.items() if "integrity" not in package or "resolved" in package] == []
    for library in LIBRARIES:
        assert re.fullmatch(r"\d+(\.\d+)+", version_of(library))
        if not library.distribution:
            assert packages[f"node_modules/{library.name}"]["version"] == version_of(library)
