"""``mashery-oauth demo``: the service with something in it to try."""

from __future__ import annotations

import json
import os
import shlex
import shutil
import sys
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from ...flows import FLOWS
from ...profiles import DRAFT16
from ...settings import PREFIX, Settings, demo_folder
from ...store import Store
from .. import replayed
from ..asking import is_terminal
from ..demo import BACKUP_PORTAL, FILE, PAYMENTS, STOREFRONT, Demo, seed, urls
from ..serving import run
from ..shell import chosen, example, serving_options

_ANY = ("", "0.0.0.0", "::")  # noqa: S104  addresses that mean every one; a client needs one of them
HIGHEST_PORT = 65535
_NEWLINE = r"-w '\n'"  # answers end without one, and the shell's prompt would stand behind them
_PICK = """python3 -c 'import json,sys; print(json.load(sys.stdin)["result"]["access_token"])'"""


@click.command("demo", epilog=example("mashery-oauth demo --port 8083"))
@click.option(
    "--provider-port",
    type=click.IntRange(0, 65535),
    help="Of the authorization server beside the service; 0: any [else the one after --port].",
)
@serving_options
def command(provider_port: int | None, **options: Any) -> None:
    """Serve a demo: the service, an authorization server in front of it, and a sample client; print calls to try.

    Keys and secrets are generated and kept in demo.json in the data folder: with the same folder the demo goes on
    where it was.
    """
    from ..beside import beside, has_sample_client, listen, url_of  # noqa: PLC0415  as in serving.py
    from ..demo_files import write_files  # noqa: PLC0415  as above

    settings = chosen(**options)
    if options["data_dir"] is None and not os.environ.get(f"{PREFIX}DATA_DIR"):
        settings = replace(settings, data_dir=demo_folder())
    if quiet := _is_quiet():
        settings = replace(settings, log_level="warning")
    path = settings.data_dir.absolute() / FILE

    own = listen(provider_port, _after(settings.port))
    socks = (own, listen(None, _after(own.getsockname()[1] if settings.port else 0))) if has_sample_client() else (own,)
    places = dict(zip(("provider", "sample_client"), map(url_of, socks), strict=False))

    with beside(path.parent, path, socks, settings.log_level) as process:

        async def prepare(store: Store, port: int) -> None:
            origin = _origin(settings, port)
            demo = await seed(store, path, origin, places)
            write_files(path.parent, demo, origin, places["provider"], settings.tls_cert)
            process.start()
            click.echo(_welcome(demo, settings, origin, path, places))
            if quiet:
                click.echo(f"Only warnings are logged here; with {PREFIX}LOG_LEVEL=info all that is told is.")

        run(settings, prepare)


def _is_quiet() -> bool:
    """Whether the log would carry off what the demo printed: on a terminal, unless somebody has asked for the log."""
    return not os.environ.get(f"{PREFIX}LOG_LEVEL") and is_terminal(sys.stderr)


def _after(port: int) -> int:
    """The next port; any, where that one is any."""
    return port + 1 if 0 < port < HIGHEST_PORT else 0


def _origin(settings: Settings, port: int) -> str:
    scheme = "https" if settings.tls_cert else "http"
    host = "127.0.0.1" if settings.host in _ANY else settings.host
    return f"{scheme}://[{host}]:{port}" if ":" in host else f"{scheme}://{host}:{port}"


def _welcome(demo: Demo, settings: Settings, origin: str, path: Path, places: Mapping[str, str]) -> str:
    curl = f"curl -sk {_NEWLINE}" if settings.tls_cert else f"curl -s {_NEWLINE}"
    where, caller = urls(demo, origin), demo.caller
    local = f"{curl} {where['local_v3']} -u {caller.user}:{caller.password} -d"
    sig = f'$(printf %s "{caller.apikey}{caller.secret}$(date +%s)" | md5sum | cut -c1-32)'
    cloud = f'{curl} "{where["cloud"]}?apikey={caller.apikey}&sig={sig}" -d'
    lines = (
        f"The demo runs on {origin}, and its authorization server on {places['provider']}",
        "",
        *(f"{name:<10}{url}" for name, url in where.items()),
        *(f"service   {name}, {key}" for name, key in demo.services.items() if not replayed.is_replayed(name)),
        *_clients(demo),
        f"user      {demo.user.name}, password {demo.user.password}",
        f"All keys and secrets are in {path}",
        "",
        *_invitation(places),
        "# A token for the client itself, and what the service knows of it:",
        f"TOKEN=$({local} '{_creation(demo)}' | {_PICK})",
        f"{local} '{_fetching(demo)}'",
        "",
        "# The same door as the Cloud has it, with a signature:",
        f"{cloud} '{_creation(demo)}'",
        "",
        "# A token from the authorization server, asked for as a backup product's clients do:",
        _barracuda(demo, places["provider"]),
        "",
        "# The command line works beside the service:",
        f"{_program()} flows {PAYMENTS} {_store_option(settings)}",
        "",
        "# Replay plays flows of five texts against the authorization server, and says what it keeps:",
        f"{_program()} replay run --all --target {shlex.quote(str(path.with_name(replayed.FILE)))}",
        "",
    )
    return "\n".join(lines)


def _clients(demo: Demo) -> Iterator[str]:
    """Those that a person would try."""
    for name, each in demo.applications.items():
        if not replayed.is_replayed(name):
            yield f"client    {name}, {each.client_id}"


def _invitation(places: Mapping[str, str]) -> tuple[str, ...]:
    """A link to open, where there is something to see."""
    sample = places.get("sample_client")
    return ("Open this in a browser, to go through the code flow step by step:", sample, "") if sample else ()


def _barracuda(demo: Demo, provider: str) -> str:
    client = demo.applications[BACKUP_PORTAL]
    form = f"client_id={client.client_id}&client_secret={client.client_secret}&grant_type=none"
    return f"curl -s {_NEWLINE} {provider}/oauth2/token -d '{form}&scope=accounts_read%2Baccounts_write'"


def _program() -> str:
    """How this program is started from here: by its name where that is on the path, else as it was started now."""
    name = "mashery-oauth"
    if shutil.which(name) is not None:
        return name
    beside = Path(sys.executable).with_name(name)
    return shlex.quote(str(beside)) if beside.exists() else f"{shlex.quote(sys.executable)} -m mashery_oauth"


def _store_option(settings: Settings) -> str:
    if settings.redis:
        return f"--redis {shlex.quote(settings.redis)}"
    return f"--data-dir {shlex.quote(str(settings.data_dir.absolute()))}"


def _call(method: str, params: dict[str, object]) -> str:
    call = {"jsonrpc": "2.0", "id": 1, "method": f"oauth2.{method}", "params": params}
    return json.dumps(call, separators=(",", ":"))


def _creation(demo: Demo) -> str:
    client = demo.applications[STOREFRONT]
    return _call(
        "createAccessToken",
        {
            "service_key": demo.services[PAYMENTS],
            "client": {"client_id": client.client_id, "client_secret": client.client_secret},
            "token_data": {"grant_type": _grant_type()},
        },
    )


def _fetching(demo: Demo) -> str:
    """The shell puts the token in: the text leaves its quotes for it."""
    return _call("fetchAccessToken", {"service_key": demo.services[PAYMENTS], "access_token": "'$TOKEN'"})


def _grant_type() -> str:
    """The one that asks for nothing but the client's own credentials."""
    profile = DRAFT16.name
    own = next(flow for flow in FLOWS.values() if not flow.public and not flow.requires and profile in flow.presets)
    return next(name for name, profiles in own.grant_types.items() if profile in profiles)
