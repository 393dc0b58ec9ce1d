"""Looks for input that the service does not bear: ``python -m tests.inputs.fuzz --minutes 3``.

The time is shared by bodies and by the bytes of whole connections. What is found is kept in a folder, and the exit
code is 1; a finding becomes a test in ``test_findings.py``.
"""

from __future__ import annotations

import re
import subprocess
import sys
from argparse import ArgumentParser, Namespace
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.servers import single_node

from .corpus import SEEDS, words

LONGEST = 8192  # bytes of an input
KINDS = tuple(SEEDS)


def main() -> int:
    """Fuzzes each kind for its share of the time; the exit code."""
    options = _options()
    findings = Path(options.findings)
    findings.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory() as folder, single_node() as url:
        for kind in options.kinds:
            seconds = round(options.minutes * 60 / len(options.kinds))
            _say(f"{kind}: {fuzzed(kind, url, findings, Path(options.corpus or folder, kind), seconds)}")
    found = sorted(findings.glob("*.txt"))
    for each in found:
        _say(f"\nFound: {each.with_suffix('')}\n{each.read_text()[-2000:]}")
    if not found:
        findings.rmdir()
    return 1 if found else 0


def _options() -> Namespace:
    parser = ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=3)
    parser.add_argument("--kinds", nargs="+", choices=KINDS, default=KINDS)
    parser.add_argument("--corpus", help="a folder that keeps inputs which reached new code, for the next run")
    parser.add_argument("--findings", default="build/findings", help="a folder for inputs that show a fault")
    return parser.parse_args()


def fuzzed(kind: str, url: str, findings: Path, corpus: Path, seconds: int) -> str:
    """One run of libFuzzer; its figures.

    :raises RuntimeError: it ended otherwise than by its clock.
    """
    _fill(kind, corpus)
    dictionary = corpus.with_suffix(".dict")
    dictionary.write_text("\n".join(words(kind)) + "\n")
    flags = [
        f"-max_total_time={seconds}",
        f"-dict={dictionary}",
        f"-max_len={LONGEST}",
        f"-artifact_prefix={findings}/",
    ]
    flags += ["-timeout=30", "-report_slow_units=30", "-rss_limit_mb=0", "-print_final_stats=1"]
    command = [sys.executable, "-m", "tests.inputs.guided", kind, url, str(findings), *flags, str(corpus)]
    ended = subprocess.run(command, stderr=subprocess.PIPE, text=True, errors="replace", check=False)
    if ended.returncode != 0:
        raise RuntimeError(f"The fuzzer ended with {ended.returncode}:\n{ended.stderr[-4000:]}")
    return _figures(ended.stderr)


def _fill(kind: str, corpus: Path) -> None:
    corpus.mkdir(parents=True, exist_ok=True)
    for number, seed in enumerate(SEEDS[kind]()):
        (corpus / f"seed-{number}").write_bytes(seed)


def _figures(log: str) -> str:
    """What libFuzzer tells at its end: how many inputs, and how much code they reached."""
    runs = re.findall(r"stat::number_of_executed_units:\s+(\d+)", log)
    reached = re.findall(r"cov: (\d+) ft: (\d+) corp: (\d+)", log)
    (blocks, features, kept), (before, *_) = reached[-1], reached[0]
    return f"{int(runs[-1]):,} inputs; {blocks} edges ({before} at first), {features} features, {kept} inputs kept"


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
