"""One test's backend: a site with the provider as its caller, and what a test does there besides."""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cached_property
from typing import TYPE_CHECKING, Any

from .calls import Calls, read_calls
from .errors import Refused
from .registered import Application, Caller, Process, Service, Tokens

if TYPE_CHECKING:
    from ..client import Client, Cloud, Local
    from ..replay import Target

CALLBACK = "https://client.example.com/callback"
PUBLIC = "public"
_REDIRECT_URIS = (CALLBACK,)


class Backend:
    """A site of the running service.

    What cannot be done raises :exc:`~mashery_oauth.testing.Refused`, in the words in which the service tells operators.
    """

    def __init__(self, process: Process, caller: Caller, test: Caller) -> None:
        self._process, self._test = process, test
        self._services: list[Service] = []
        self.url = process.url
        self.caller = caller  # the provider

    def service(
        self, profile: str = "draft16", *, flows: Sequence[str] | None = None, name: str | None = None, **policy: object
    ) -> Service:
        """A service.

        :param profile: which of the presets its policy begins with; each profile has one of its name.
        :param flows: those that are on; ``None`` for all that the profile knows.
        :param policy: members of the policy that differ, as in a file that is imported.
        """
        number = self._process.number()
        service = Service(secrets.token_hex(12), name or f"Service {number}")
        entry = {"key": service.key, "id": number, "site": self.caller.site_id, "name": service.name}
        entry |= {"preset": profile, "policy": policy}
        self._process.ask("service", entry=entry, flows=None if flows is None else list(flows))
        self._services.append(service)
        return service

    def change(self, service: Service, **policy: object) -> None:
        """Changes members of a service's policy; in force when this returns."""
        self._process.ask("change", key=service.key, policy=policy)

    def application(
        self,
        *services: Service,
        redirect_uris: Sequence[str] = _REDIRECT_URIS,
        type: str = "confidential",  # noqa: A002  the standard's word
        **members: object,
    ) -> Application:
        """A client.

        :param services: what it may be used with; none named: all that were made so far.
        :param members: further ones, as in a file that is imported: name, native, flows, external_id, attributes.
        """
        number, on = self._process.number(), services or tuple(self._services)
        secret = "" if type == PUBLIC else secrets.token_hex(20)
        application = Application(secrets.token_hex(12), secret, tuple(redirect_uris), on)
        entry = {"client_id": application.client_id, "site": self.caller.site_id, "id": number, "type": type}
        entry |= {"name": f"Application {number}", "services": [each.key for each in on], "client_secret": secret}
        entry |= {"redirect_uris": list(redirect_uris), **members}
        self._process.ask("application", entry=entry)
        return application

    def code(
        self,
        application: Application,
        *,
        service: Service | None = None,
        user_context: str = "alice",
        scope: str | None = None,
        redirect_uri: str | None = None,
        code_challenge: str | None = None,
        code_challenge_method: str | None = None,
    ) -> str:
        """A code, as if a user had just agreed. The policy is not asked.

        :param redirect_uri: that the code is bound to; ``None`` for the application's first one.
        """
        grant = self._grant(application, service, user_context, scope, None)
        uri = redirect_uri or application.redirect_uri
        code: str = self._process.ask(
            "code", grant=grant, redirect_uri=uri, challenge=code_challenge, method=code_challenge_method
        )
        return code

    def tokens(
        self,
        application: Application,
        *,
        service: Service | None = None,
        user_context: str | None = "alice",
        scope: str | None = None,
        flow: str | None = None,
    ) -> Tokens:
        """A token, as if a flow had just ended. The policy is not asked, but for lifetimes, type, caps and refreshing.

        :param user_context: ``None`` for a token that the client has for itself.
        :param flow: by which it was had; ``None`` for a code, or where there is no user, the client's credentials.
        """
        grant = self._grant(application, service, user_context, scope, flow)
        return Tokens(**self._process.ask("tokens", grant=grant))

    def _grant(
        self,
        application: Application,
        service: Service | None,
        user_context: str | None,
        scope: str | None,
        flow: str | None,
    ) -> dict[str, str | None]:
        if service is None and not application.services:
            raise Refused("The application has no service: make one first, with oauth_backend.service().")
        key = (service or application.services[0]).key
        grant = {"service": key, "client_id": application.client_id, "user_context": user_context}
        return grant | {"scope": scope, "flow": flow}

    def is_alive(self, token: str) -> bool:
        """Whether an access or refresh token works; one that has expired is not even known.

        :raises Refused: nobody can tell now, as in an outage.
        """
        alive: bool = self._process.ask("is_alive", text=token)
        return alive

    def expire(self, text: str) -> str:
        """Ends a code, an access token or a refresh token now, with the very answers that its own time would bring.

        A refresh token ends with all of its generations, as they have one lifetime. Nothing is revoked: other tokens of
        the grant live on.

        :returns: ``code``, ``access token`` or ``refresh token``.
        """
        ended: str = self._process.ask("expire", text=text)
        return ended

    def expire_grace(self, refresh_token: str) -> None:
        """Ends the time in which a refresh token that was used gets the same answer again."""
        self._process.ask("expire_grace", text=refresh_token)

    def revoke(self, token: str) -> bool:
        """Ends a token as an operator does, and its grant as the policy says; whether it was alive."""
        alive: bool = self._process.ask("revoke", text=token)
        return alive

    def revoke_user(self, user_context: str, *, application: Application | None = None) -> dict[str, int]:
        """Ends what a user has at this backend, with one application or with all.

        :returns: how many ``access_tokens``, ``refresh_tokens`` and ``codes`` that were.
        """
        keys = [each.key for each in self._services]
        client_id = application.client_id if application else None
        died: dict[str, int] = self._process.ask(
            "revoke_user", user_context=user_context, keys=keys, client_id=client_id
        )
        return died

    def revoke_application(self, application: Application) -> dict[str, int]:
        """Ends what all users have with an application; how much, as :meth:`revoke_user`."""
        died: dict[str, int] = self._process.ask("revoke_application", client_id=application.client_id)
        return died

    @property
    def calls(self) -> Calls:
        """What the provider has called until now.

        Not among it is what the test does itself, and what was turned away before it was a call.
        """
        return read_calls(self._process.ask("calls", apikey=self.caller.apikey))

    @contextmanager
    def outage(self, *, lasting: bool = False) -> Iterator[None]:
        """The store cannot be reached until the block ends; the service answers 503 by its own judgement.

        :param lasting: an outage that goes on: the service no longer trusts what it knows of callers, services and
            clients, and turns every call away. In one that has just begun it knows them, and comes as far as it can:
            its answers have an ``error_response`` for the client.
        """
        self._process.ask("outage", site=self.caller.site_id, lasting=lasting)
        try:
            yield
        finally:
            self._process.ask("recover")

    @property
    def cloud(self) -> Cloud:
        """The provider's credentials at the Cloud door, for a client."""
        from ..client import Cloud  # noqa: PLC0415  not everybody needs it

        return Cloud(self.caller.site_id, self.caller.apikey, self.caller.secret)

    @property
    def local(self) -> Local:
        """The provider's credentials at the Local V3 door, for a client."""
        return _local(self.caller)

    @cached_property
    def client(self) -> Client:
        """A client of the test's own, whose calls are not among :attr:`calls`; it asks once and does not wait."""
        from ..client import Client  # noqa: PLC0415  not everybody needs it

        return Client(self.url, _local(self._test), retries=0)

    def settings(self) -> dict[str, str]:
        """All that a provider's configuration may need to find its backend, by name."""
        return self.caller.settings(self.url)

    def environment(self, **templates: str) -> dict[str, str]:
        """Variables for a provider that reads its configuration from the environment.

        :param templates: for each variable its value, in which names of :meth:`settings` stand in braces, as in
            ``environment(BACKEND_URL="{url}", BACKEND_USER="{user}")``.
        """
        return {name: template.format_map(self.settings()) for name, template in templates.items()}

    def target(self, token_url: str, service: Service | None = None, **members: Any) -> Target:
        """What :func:`replay_tests` plays against: a provider's addresses, with two clients that it knows by now.

        :param service: that the provider protects; ``None`` for the one that was made first.
        :param members: further ones of :class:`mashery_oauth.replay.Target`: ``authorize_url``, ``login``, ``user``...
        """
        from .replaying import target_of  # noqa: PLC0415  not everybody needs it

        clients = {role: self.application(service or self._services[0]) for role in ("main", "second")}
        return target_of(token_url, clients, members)

    def close(self) -> None:
        """Ends the connections of the test's own client, if it had one."""
        if "client" in self.__dict__:
            self.client.close()


def _local(caller: Caller) -> Local:
    from ..client import Local  # noqa: PLC0415  not everybody needs it

    return Local(caller.user, caller.password)
