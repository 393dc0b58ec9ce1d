"""Random sequences of calls and of operators' actions: after each step the product must be as the model is.

Nothing ends by itself while a step is under way: time passes between steps, and at once, see ``ageing.py``.
"""

from __future__ import annotations

from typing import Any

from hypothesis.stateful import rule
from hypothesis.strategies import none, one_of, sampled_from

from .calls import Calls, mostly_first, users
from .policies import POLICY
from .scene import SECRET_OF_LATER
from .things import FOREVER, Client, Code, Service, Token

codes, tokens = Calls.codes, Calls.tokens


class Machine(Calls):
    """Calls, and what operators and time do between them."""

    @rule(seconds=sampled_from((61, 310, 700, 1600, 4000, 13_000, 90_000)))
    def let_pass(self, seconds: int) -> None:
        self.let_pass_now(seconds)

    @rule(token=tokens, what=sampled_from(("token", "refresh", "grace", "absolute")))
    def let_it_end(self, token: Token, what: str) -> None:
        """Time passes until just after one of the lifetimes of a grant."""
        self.begin()
        grant = token.grant
        ends = {"token": token.ends, "refresh": grant.ends, "grace": grant.grace_ends, "absolute": grant.absolute}
        left = (ends[what] or 0.0) - self.model.now
        if 0 < left < FOREVER / 2:
            self.let_pass_now(int(left) + 2)

    def let_pass_now(self, seconds: int) -> None:
        """Time passes."""
        self.scene.let_pass(seconds)
        self.changed = True

    @rule(service=mostly_first, member=sampled_from(POLICY))
    def set_policy(self, service: int, member: tuple[str, Any]) -> None:
        setattr(self.services[service], *member)
        self.scene.publish(self.services[service])

    @rule(service=mostly_first, user=users)
    def end_user(self, service: int, user: str) -> None:
        self.begin()
        at = self.services[service]
        self.model.revoke_user(at, user, None)
        self.stage.run(self.scene.world.store.users.revoke(self.scene.services[at], user, None))
        self.changed = True

    @rule(whose=sampled_from(("service", "client", "site")), token=tokens)
    def end_all_of(self, whose: str, token: Token) -> None:
        """Raises the mark of a service, a client or the site: what it was issued is dead."""
        self.model.moment += 1
        self.changed = True
        if whose == "site":
            self.model.site_cut = self.model.moment
            self.scene.publish(None)
        else:
            thing: Service | Client = getattr(token.grant, whose)
            thing.cut = self.model.moment
            self.scene.cut(thing)

    @rule(client=sampled_from((0, 1)), service=mostly_first)
    def replace_secret(self, client: int, service: int) -> None:
        """The secret from before is good no longer."""
        who = self.clients[client]
        before, who.secret = who.secret, SECRET_OF_LATER
        self.scene.publish(who)
        self.look(self.services[service], who, before)

    @rule(token=tokens, code=one_of(none(), codes), what=sampled_from(("service", "client", "place", "flow", "flow")))
    def take_away_for_a_while(self, token: Token, code: Code | None, what: str) -> None:
        """Without it nothing can be begun or gone on with; with it again all is as before."""
        grant = token.grant
        if what == "place":
            self._without(grant.client, "services", grant.client.services - {grant.service}, token, code)
        elif what == "flow":
            self._without(grant.service, "flows", {"implicit"}, token, code)
        else:
            self._without(getattr(grant, what), "active", False, token, code)

    def _without(self, thing: Service | Client, member: str, value: object, token: Token, code: Code | None) -> None:
        before = getattr(thing, member)
        setattr(thing, member, value)
        self.scene.publish(thing)
        self.look(token.grant.service, token.grant.client)
        if code is not None:
            self.redeem_as(code, code.client, code.client.secret, code.verifier, None)
        if token.grant.texts:
            self.refresh_as_is(token.grant)
        self.changed = True
        self.all_is_as_foretold()
        setattr(thing, member, before)
        self.scene.publish(thing)
        self.changed = True

    @rule(service=mostly_first)
    def switch_refreshing(self, service: int) -> None:
        """Whether grants that begin from now on can be refreshed."""
        self.services[service].flows ^= {"refresh_token"}
        self.scene.publish(self.services[service])
