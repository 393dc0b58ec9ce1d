"""``mashery-oauth serve``, on a folder in which the demo has been."""

from __future__ import annotations

from pathlib import Path

import orjson

from ..processes import answers, call, free_port, serving


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
