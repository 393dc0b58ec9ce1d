"""What is kept in Redis or Valkey: configuration, codes, tokens, refresh families and users' lists."""

from __future__ import annotations

import secrets
from dataclasses import dataclass

from limits import RateLimitItem

from . import keys
from .answers import Answers
from .census import Census
from .codes import Codes
from .configuration import Configuration
from .connection import connect
from .families import Families
from .guesses import Guesses
from .links import Link
from .ring import KeyRing, RingError
from .texts import Texts
from .throttle import Throttle
from .tokens import Tokens
from .users import Users

_SALT = 32  # bytes


@dataclass(frozen=True, slots=True)
class Store:
    """One attribute per noun, over one link."""

    link: Link
    ring: KeyRing
    texts: Texts
    configuration: Configuration
    codes: Codes
    tokens: Tokens
    families: Families
    users: Users
    throttle: Throttle
    guesses: Guesses
    answers: Answers
    census: Census
    min_replicas: int = 0  # that must have a write before it is told

    async def close(self) -> None:
        """Ends what runs and closes the connections."""
        await self.configuration.close()
        await self.link.close()


async def open_store(
    url: str,
    keys_: tuple[bytes, ...],
    *,
    timeout: float,  # noqa: ASYNC109  for each exchange to come, not for this call
    max_config_age: float,
    guesses: RateLimitItem | None = None,
    min_replicas: int = 0,
) -> Store:
    """A store that answers, and whose secrets the keys open: its salt is read, or made if it is new.

    :param timeout: seconds that one exchange with a node may take.
    :param max_config_age: seconds that configuration may be old.
    :param guesses: how many wrong secrets of a client may be tried; ``None`` for any number.
    :param min_replicas: how many replicas must have a write before it is answered.
    :raises UrlError: the URL is malformed.
    :raises StoreUnavailable: it does not answer.
    :raises RingError: the keys are not this store's.
    """
    ring = KeyRing(keys_)
    link = connect(url, timeout, min_replicas)
    try:
        salt = await _kept(link, keys.SALT, secrets.token_bytes(_SALT))
        await _check_keys(link, ring)
    except BaseException:
        await link.close()
        raise
    texts = Texts(salt)
    configuration = Configuration(link, max_config_age)
    tokens = Tokens(link, texts, ring, configuration)
    return Store(
        link=link,
        ring=ring,
        texts=texts,
        configuration=configuration,
        codes=Codes(link, texts, ring),
        tokens=tokens,
        families=Families(link, texts, ring, tokens),
        users=Users(link, texts, ring),
        throttle=Throttle(link),
        guesses=Guesses(link, ring, guesses),
        answers=Answers(link, ring),
        census=Census(link, texts),
        min_replicas=min_replicas,
    )


async def _kept(link: Link, key: str, value: bytes) -> bytes:
    """What a store has under a key of its own: the given value, where it had none."""
    if await link.run(key, "EXISTS", key) == 0:  # else nothing is written: a start needs no replicas
        await link.write(key, "SET", key, value, "NX")
    kept: bytes = await link.run(key, "GET", key)
    return kept


async def _check_keys(link: Link, ring: KeyRing) -> None:
    """A value that the first keys of all sealed; it is sealed anew under each key to come, so that old ones may go."""
    fresh = ring.seal(b"", keys.CHECK)
    sealed = (await _kept(link, keys.CHECK, fresh.encode())).decode()
    try:
        ring.open(sealed, keys.CHECK)
    except RingError:
        raise RingError("the keys in MASHERY_OAUTH_KEYS do not open what is sealed in this store") from None
    if not sealed.startswith(ring.current):
        await link.write(keys.CHECK, "SET", keys.CHECK, fresh)
