"""``mashery-oauth demo``: the service with something in it to try."""

from __future__ import annotations

import json
import os
import shlex
import shutil
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from ...flows import FLOWS
from ...profiles import DRAFT16
from ...settings import PREFIX, Settings, state_folder
from ...store import Store
from ..demo import FILE, PAYMENTS, STOREFRONT, Demo, seed, urls
from ..serving import run
from ..shell import chosen, example, serving_options

_ANY = ("", "0.0.0.0", "::")  # noqa: S104  addresses that mean every one; a client needs one of them
_PICK = """python3 -c 'import json,sys; print(json.load(sys.stdin)["result"]["access_token"])'"""


@click.command("demo", epilog=example("mashery-oauth demo --port 8083"))
@serving_options
def command(**options: Any) -> None:
    """Serve a demo provider, and print calls to try.

    Keys and secrets are generated and kept in demo.json in the data folder: with the same folder the demo goes on
    where it was.
    """
    settings = chosen(**options)
    if options["data_dir"] is None and not os.environ.get(f"{PREFIX}DATA_DIR"):
        settings = replace(settings, data_dir=state_folder() / "demo")
    path = settings.data_dir.absolute() / FILE

    async def prepare(store: Store, port: int) -> None:
        origin = _origin(settings, port)
        demo = await seed(store, path, origin)
        click.echo(_welcome(demo, settings, origin, path))

    run(settings, prepare)


def _origin(settings: Settings, port: int) -> str:
    scheme = "https" if settings.tls_cert else "http"
    host = "127.0.0.1" if settings.host in _ANY else settings.host
    return f"{scheme}://[{host}]:{port}" if ":" in host else f"{scheme}://{host}:{port}"


def _welcome(demo: Demo, settings: Settings, origin: str, path: Path) -> str:
    curl = "curl -sk" if settings.tls_cert else "curl -s"
    where, caller = urls(demo, origin), demo.caller
    local = f"{curl} {where['local_v3']} -u {caller.user}:{caller.password} -d"
    sig = f'$(printf %s "{caller.apikey}{caller.secret}$(date +%s)" | md5sum | cut -c1-32)'
    cloud = f'{curl} "{where["cloud"]}?apikey={caller.apikey}&sig={sig}" -d'
    lines = (
        f"The demo provider runs on {origin}",
        "",
        *(f"{name:<10}{url}" for name, url in where.items()),
        *(f"service   {name}, {key}" for name, key in demo.services.items()),
        *(f"client    {name}, {each.client_id}" for name, each in demo.applications.items()),
        f"All keys and secrets are in {path}",
        "",
        "# A token for the client itself, and what the service knows of it:",
        f"TOKEN=$({local} '{_creation(demo)}' | {_PICK})",
        f"{local} '{_fetching(demo)}'",
        "",
        "# The same door as the Cloud has it, with a signature:",
        f"{cloud} '{_creation(demo)}'",
        "",
        "# The command line works beside the service:",
        f"{_program()} flows {PAYMENTS} {_store_option(settings)}",
        "",
    )
    return "\n".join(lines)


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
