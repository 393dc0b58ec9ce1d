"""``mashery-oauth serve``, on a folder in which the demo has been."""

from __future__ import annotations

from pathlib import Path

import orjson
import pytest

from ..processes import answers, call, command, free_port, serving


def test_serves_what_is_in_the_folder_and_ends_when_told_to(tmp_path: Path) -> None:
    folder, port = tmp_path / "data", str(free_port())
    arguments = ("--port", port, "--data-dir", str(folder))
    with serving(tmp_path, "demo", *arguments, path=folder / "demo.json"):
        pass
    demo = orjson.loads((folder / "demo.json").read_bytes())

    with serving(tmp_path, "serve", *arguments, path=folder / "demo.json"):
        answer = call(demo, "fetchAccessToken", {"service_key": demo["services"]["payments"], "access_token": []})

        assert answer["result"] == []
    assert not answers(demo)


# Found by a run with wrong keys: the service said that it was ready, and refused every call.
@pytest.mark.parametrize("words", ["serve --port 0", "serve --port 0 --workers 2", "site list"])
def test_does_not_start_with_the_keys_of_another_store(tmp_path: Path, words: str) -> None:
    folder = ("--data-dir", str(tmp_path / "data"))
    created = command(tmp_path, "site", "create", "Bank", *folder)

    refused = command(tmp_path, *words.split(), *folder, MASHERY_OAUTH_KEYS="ab" * 32)

    assert created.returncode == 0
    assert (refused.returncode, refused.stdout) == (1, "")
    assert refused.stderr == "Error: the keys in MASHERY_OAUTH_KEYS do not open what is sealed in this store\n"
