"""What a test may ask of the service beside its calls: to make things, to end things, to be gone for a while."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import Any, TypeVar

import orjson
import structlog

from ..errors import Refusal, StoreUnavailable
from ..flow import Flow
from ..flows import FLOWS, for_alias, may_refresh
from ..members import policy_of_preset
from ..models import Application, Caller, Grant, Policy, Record, Redirection, Request, Service
from ..operation import Change, OperationError, Snapshot, change, find, read
from ..operations import importing, revocation, services, tokens
from ..store import Store, lifetimes
from .recording import Recording

Answer = Mapping[str, Any]
Own = TypeVar("Own", Caller, Service, Application)
_log = structlog.get_logger("mashery_oauth.testing")


class Controls:
    """The operations, by name. They are asked one after the other."""

    def __init__(self, store: Store, socket: Path, recording: Recording) -> None:
        self._store, self._socket, self._recording = store, socket, recording
        self._aside = socket.with_suffix(".aside")
        makes = (self.site, self.service, self.change, self.application, self.remove, self.code, self.tokens)
        ends = (self.expire, self.expire_grace, self.revoke, self.revoke_user, self.revoke_application)
        others = (self.is_alive, self.calls, self.outage, self.recover)
        self._known: dict[str, Callable[..., Awaitable[Any]]] = {
            each.__name__: each for each in (*makes, *ends, *others)
        }

    async def answer(self, line: bytes) -> bytes:
        """The answer to one line of JSON, as one line of JSON with its number; none to what an exception has torn."""
        try:
            asked = orjson.loads(line)
        except orjson.JSONDecodeError:
            return b""
        return orjson.dumps({"number": asked["number"], **await self._done(asked)}) + b"\n"

    async def _done(self, asked: Answer) -> Answer:
        try:
            return {"result": await self._known[asked["do"]](**asked["with"])}
        except OperationError as error:
            return {"problem": str(error)}
        except Refusal as refusal:
            return {"problem": refusal.message}
        except StoreUnavailable:
            return {"problem": "the store is away: an outage is on"}
        except Exception as error:  # noqa: BLE001  a test is told of it, and the next one goes on
            _log.exception("fault", asked=asked["do"])
            return {"problem": f"{type(error).__name__} in the service; its log has more"}

    async def site(self, site: Answer, callers: list[Answer], listen: str) -> None:
        """A site with its callers, one of whom is listened to."""
        await self._take_over({"sites": [site], "callers": callers})
        self._recording.listen(listen)

    async def service(self, entry: Answer, flows: list[str] | None) -> None:
        """A service, with every flow on that its profile knows where none are named."""
        if flows is None:
            profile = policy_of_preset(entry["preset"]).profile
            flows = [flow.name for flow in FLOWS.values() if flow.known_in(profile)]
        policy = {"flows": flows, **entry["policy"]}
        await self._take_over({"services": [{**entry, "policy": policy}]})

    async def change(self, key: str, policy: Answer) -> None:
        """Other members of a service's policy."""
        await services.update(self._store, key, members=policy)

    async def application(self, entry: Answer) -> None:
        """An application."""
        await self._take_over({"applications": [entry]})

    async def _take_over(self, document: Answer) -> None:
        for verdict in await importing.take_over(self._store, document):
            if verdict.outcome == importing.REFUSED:
                raise OperationError(verdict.kind.removesuffix("s"), verdict.problem)

    async def remove(self, site: int, listen: str) -> None:
        """A site and all that belongs to it."""

        def decide(snapshot: Snapshot) -> Change[None]:
            own: list[Record] = [snapshot.sites[str(site)]]
            own += _at(site, snapshot.callers)
            own += _at(site, snapshot.services)
            own += _at(site, snapshot.applications)
            return Change(None, deletes=tuple(own))

        self._recording.forget(listen)
        await change(self._store, decide)

    async def code(self, grant: Answer, redirect_uri: str, challenge: str | None, method: str | None) -> str:
        """An authorization code, as if the user had just agreed."""
        redirection = Redirection(redirect_uri, sent=True, verified=True)
        request = Request(code_challenge=challenge, code_challenge_method=method)
        return await self._store.codes.issue(await self._grant(**grant), redirection, request)

    async def tokens(self, grant: Answer) -> Answer:
        """A token, and where the service gives one a refresh token, as if a flow had just ended."""
        issued = await self._store.tokens.issue(await self._grant(**grant))
        members = ("access_token", "token_type", "expires_in", "refresh_token", "scope", "user_context", "extended")
        return {name: getattr(issued, name) for name in members}

    async def _grant(
        self, service: str, client_id: str, user_context: str | None, scope: str | None, flow: str | None
    ) -> Grant:
        snapshot = await read(self._store)
        found, client = snapshot.services[service], snapshot.applications[client_id]
        if service not in client.services:
            raise OperationError("application", f"{client.name} is not on the service {found.name}")
        by = _flow(found.policy, flow, user_context)
        return Grant(
            service=found,
            application=client,
            flow=by.name,
            scope=scope or " ".join(found.policy.default_scopes) or None,
            user_context=user_context,
            version=snapshot.version,
            floor=_floor(snapshot, found, client),
            with_refresh=may_refresh(found.policy.flows) and found.policy.profile in by.refreshable,
        )

    async def is_alive(self, text: str) -> bool:
        """Whether a token works; one that has expired is not even known."""
        try:
            return (await tokens.show(self._store, text)).alive
        except OperationError:
            return False

    async def expire(self, text: str) -> str:
        """Ends what a text names as its time would; says what it was."""
        ended = await lifetimes.end(self._store, text)
        if ended is None:
            raise OperationError("expire", "no code or token of this backend is alive by that text")
        return ended

    async def expire_grace(self, text: str) -> None:
        """Ends the grace of a used refresh token."""
        if not await lifetimes.end_grace(self._store, text):
            raise OperationError("expire_grace", "no refresh token of this family was used within its grace")

    async def revoke(self, text: str) -> bool:
        """Ends a token as an operator does; whether it was alive."""
        before = await tokens.show(self._store, text)
        await tokens.revoke(self._store, text)
        return before.alive

    async def revoke_user(self, user_context: str, keys: list[str], client_id: str | None) -> Answer:
        """Ends what a user has; how much that was."""
        reach = revocation.Reach(tuple(keys), application=client_id)
        return asdict((await revocation.user(self._store, user_context, reach)).died)

    async def revoke_application(self, client_id: str) -> Answer:
        """Ends what an application has; how much that was."""
        return asdict((await revocation.application(self._store, client_id, 0)).died)

    async def outage(self, site: int, *, lasting: bool) -> None:
        """The store can no longer be reached: its socket is put aside, and who is connected is cut off.

        :param lasting: whether the service has also lost its trust in what it knows of its configuration; else it knows
            all of the site, as one does that has served it for some time.
        """
        if self._aside.exists():
            raise OperationError("outage", "one is on already")
        await self._know(site)
        self._socket.rename(self._aside)
        with suppress(StoreUnavailable):  # nobody is connected since the outage before
            await self._store.link.run("", "CLIENT", "KILL", "TYPE", "normal", "SKIPME", "no")
        if lasting:
            self._store.configuration.doubt()

    async def _know(self, site: int) -> None:
        known, snapshot = self._store.configuration, await read(self._store)
        await known.site(site)
        for caller in _at(site, snapshot.callers):
            await known.caller_of_user(caller.user)
        for service in _at(site, snapshot.services):
            await known.service(service.key)
        for client in _at(site, snapshot.applications):
            await known.application(client.client_id)
            await known.application_by_id(site, client.id)

    async def recover(self) -> None:
        """The store can be reached again."""
        self._aside.rename(self._socket)
        await self._store.configuration.fresh()

    async def calls(self, apikey: str) -> list[dict[str, Any]]:
        """What a caller that is listened to has called."""
        return self._recording.heard(apikey)


def _at(site: int, records: Mapping[str, Own]) -> list[Own]:
    return [each for each in records.values() if each.site_id == site]


def _flow(policy: Policy, name: str | None, user_context: str | None) -> Flow:
    """The flow by which a token was had; of none that is named, the likeliest."""
    if name is not None:
        if name not in FLOWS:
            raise OperationError("flow", f"there is no {name}; there are: {', '.join(FLOWS)}")
        return FLOWS[name]
    for_user = next(flow for flow in FLOWS.values() if flow.authorize is not None)
    return for_user if user_context is not None else for_alias() or for_user


def _floor(snapshot: Snapshot, service: Service, client: Application) -> int:
    site = find(snapshot.sites, "site", str(service.site_id))
    return max(site.revoked_before, service.revoked_before, client.revoked_before)
