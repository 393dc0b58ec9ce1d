"""Everything that was ever made; what of it is alive, and who may ask for more."""

from __future__ import annotations

from .things import CLIENT_LIKE, Client, Code, Grant, Refused, Service, Token


class Everything:
    """All that is kept, and the clock."""

    def __init__(self) -> None:
        self.now = 0.0
        self.moment = 0  # rises with each mark that an operator sets
        self.site_cut = 0
        self.codes: list[Code] = []
        self.grants: list[Grant] = []

    @property
    def tokens(self) -> list[Token]:
        """All access tokens, dead ones too."""
        return [token for grant in self.grants for token in grant.tokens]

    # What is alive

    def _in_force(self, service: Service, client: Client, born: int) -> bool:
        usable = service.active and client.active and service in client.services
        return usable and born >= max(self.site_cut, service.cut, client.cut)

    def lives(self, token: Token) -> bool:
        """Whether an access token works."""
        grant = token.grant
        dead = token.dead or grant.ended or token.ends <= self.now
        return not dead and self._in_force(grant.service, grant.client, grant.born)

    def can_refresh(self, grant: Grant) -> bool:
        """Whether the newest refresh token of a grant works."""
        dead = grant.ended or grant.cut_off or not grant.refreshable or grant.ends <= self.now
        return not dead and self._in_force(grant.service, grant.client, grant.born)

    def ends_soon(self, within: float) -> bool:
        """Whether any lifetime is about to end: then nobody can tell on which side of the end a call will be."""
        times = [code.ends for code in self.codes]
        times += [time for grant in self.grants for time in (grant.ends, grant.grace_ends, grant.absolute or 0.0)]
        times += [time for token in self.tokens for time in (token.ends, token.listed_until)]
        return any(-2 < time - self.now < within for time in times)

    # Who may ask

    def identify(self, service: Service, client: Client, secret: str | None, *, consent: bool = False) -> None:
        """Refuses a service or client that is not there, and a wrong secret."""
        if not service.active:
            raise Refused("invalid_request", "Unknown service key")
        if not client.active or service not in client.services:
            at_consent = "invalid_client" if service.profile == "draft10" else "unauthorized_client"
            raise Refused(at_consent if consent else "invalid_client", "Invalid client identifier")
        if secret is not None and (client.public or secret != client.secret):
            raise Refused("invalid_client", "Invalid client credentials")

    def admit(self, flow: str, service: Service, client: Client, secret: str | None) -> None:
        """Refuses at the token step."""
        self.identify(service, client, secret)
        if flow not in service.flows:
            raise Refused("unsupported_grant_type", f"Flow {flow} is not enabled for this service")
        without_secret = client.public and service.profile in CLIENT_LIKE
        if without_secret and flow in ("password", "client_credentials"):
            raise Refused("unauthorized_client", f"Flow {flow} is not allowed for this client")
        if secret is None and not without_secret:
            raise Refused("invalid_client", "Invalid client credentials")

    def admit_consent(self, flow: str, service: Service, client: Client) -> None:
        """Refuses at the authorization step."""
        self.identify(service, client, None, consent=True)
        if flow not in service.flows:
            raise Refused("unsupported_response_type", f"Flow {flow} is not enabled for this service")
