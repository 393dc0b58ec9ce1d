"""Where a request comes from, as wrong passwords are counted by it: past the proxies that the configuration names."""

from __future__ import annotations

from aiohttp import web

from .parts import CONFIGURATION

_FORWARDED = "X-Forwarded-For"


def address_of(request: web.Request) -> str | None:
    """The address of whoever has sent a request.

    A proxy adds the address that it was asked from at the end. What stands before is believed only as far as each hop
    after it is a proxy of ours: anybody can send such a header.
    """
    proxies = request.config_dict[CONFIGURATION].proxies
    hops = [hop.strip() for hop in ",".join(request.headers.getall(_FORWARDED, [])).split(",")]
    address = request.remote
    while address in proxies and hops and hops[-1]:
        address = hops.pop()
    return address
