"""The part of the fuzzer that runs in a process of its own: libFuzzer looks for inputs that reach new code.

Started by :mod:`tests.inputs.fuzz`; its process ends within the library, so nothing may be left to do behind it.
"""

from __future__ import annotations

import hashlib
import sys
import traceback
from collections.abc import Callable
from pathlib import Path
from random import Random

import atheris

INSTRUMENTED = [
    "mashery_oauth.rpc",
    "mashery_oauth.methods",
    "mashery_oauth.arguments",
    "mashery_oauth.shapes",
    "mashery_oauth.calling",
    "mashery_oauth.subject",
    "mashery_oauth.policy",
    "mashery_oauth.flows",
    "mashery_oauth.redirects",
    "mashery_oauth.scopes",
    "mashery_oauth.pkce",
]

with atheris.instrument_imports(include=INSTRUMENTED):
    from .mutations import mutated, mutated_request
    from .target import running


def keeping(attempt: Callable[[bytes], None], findings: Path) -> Callable[[bytes], None]:
    """Tries an input; one that shows a fault is kept with what it showed, once for each fault, and the run goes on."""

    def try_and_keep(data: bytes) -> None:
        try:
            attempt(data)
        except Exception as error:  # noqa: BLE001  whatever it is, it is a finding
            *_, last = traceback.extract_tb(error.__traceback__)
            name = hashlib.sha256(f"{last.filename}:{last.lineno}:{str(error)[:60]}".encode()).hexdigest()[:16]
            if not (findings / name).exists():
                (findings / name).write_bytes(data)
                (findings / f"{name}.txt").write_text("".join(traceback.format_exception(error)))

    return try_and_keep


def mutator(kind: str) -> Callable[[bytes, int, int], bytes]:
    """Half of the inputs are changed as structures, half as bytes."""

    def mutate(data: bytes, longest: int, seed: int) -> bytes:
        random = Random(seed)
        if random.randrange(2) or not data:
            return bytes(atheris.Mutate(data, longest))
        changed = data[:1] + mutated(data[1:], random) if kind == "body" else mutated_request(data, random)
        return changed[:longest]

    return mutate


def main() -> None:
    """Arguments: the kind of input, the store's URL, a folder for findings, then libFuzzer's own."""
    kind, url, findings, *rest = sys.argv[1:]
    with running(kind, url) as attempt:
        atheris.Setup([sys.argv[0], *rest], keeping(attempt, Path(findings)), custom_mutator=mutator(kind))
        atheris.Fuzz()


if __name__ == "__main__":
    main()
