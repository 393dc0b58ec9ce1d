"""A user's marks stay few: where many grants are buried, their tokens are ended one by one, and need no mark then.

Each buried grant is named in its user's marks, which are read with every token of that user. Until its tokens have
ended the mark is what kills them; after it they are dead by their own records. It happens after the revocation, which
it neither hastens nor undoes, and each script leaves nothing alive that was dead before.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import orjson
import structlog

from ..errors import StoreUnavailable
from . import keys
from .candidates import Candidates
from .links import Link
from .ring import KeyRing
from .scripts import load
from .texts import Place, Texts

END_GRANTS = load("end_grants")
TOKENS, GRANTS = 500, 128  # that one script ends at most, in a millisecond or two

_log = structlog.get_logger("mashery_oauth.store")


class Ending(NamedTuple):
    """A buried grant's token: its family, its member in the index, and where its record is."""

    family: str
    member: str
    place: Place


class Lot(NamedTuple):
    """What one script ends: tokens, and the families of which it ends the last ones."""

    families: tuple[str, ...]
    tokens: tuple[Ending, ...]


class Compaction:
    """Ends what marks have killed."""

    def __init__(self, link: Link, texts: Texts, ring: KeyRing) -> None:
        self._link = link
        self._candidates = Candidates(texts, ring)

    async def end(self, tag: str, crowd: Sequence[bytes]) -> None:
        """Ends the tokens of buried grants by their own keys.

        The grants are dead already. So a store that fails here is no failure of the revocation: the marks stay as they
        are, and are tried again when many more have come.

        :param crowd: families that were buried before this is called: what they have listed by now is all of it.
        """
        if not crowd:
            return
        try:
            members = await self._members(tag, [family.decode() for family in crowd])
            for lot in self._lots(tag, members):
                await self._end(tag, lot)
        except StoreUnavailable as error:
            _log.warning("marks_not_compacted", cause=str(error))

    async def _members(self, tag: str, families: Sequence[str]) -> dict[str, list[str]]:
        """What the index has of each family, ended or not: no clock says what is left out."""
        index = keys.index(tag)
        found: dict[str, list[str]] = {family: [] for family in families}
        for raw in await self._link.run(index, "ZRANGE", index, 0, -1):
            member = raw.decode()
            family = member.split(".", 3)[2]
            if family in found and not member.startswith((">", "=")):
                found[family].append(member)
        return found

    def _lots(self, tag: str, members: dict[str, list[str]]) -> Iterator[Lot]:
        """Whole families one after the other; one with many tokens is named by its last lot."""
        families: list[str] = []
        tokens: list[Ending] = []
        for family, listed in members.items():
            known = True
            for member in listed:
                ending = self._ending(tag, family, member)
                if ending is None:  # then only the mark can reach it
                    known = False
                    continue
                tokens.append(ending)
                if len(tokens) == TOKENS:
                    yield Lot(tuple(families), tuple(tokens))
                    families, tokens = [], []
            families += [family] * known
            if len(families) == GRANTS:
                yield Lot(tuple(families), tuple(tokens))
                families, tokens = [], []
        if families or tokens:
            yield Lot(tuple(families), tuple(tokens))

    def _ending(self, tag: str, family: str, member: str) -> Ending | None:
        place = self._candidates.place_of(tag, member.split(".", 3)[3].partition(".")[0])
        return None if place is None else Ending(family, member, place)

    async def _end(self, tag: str, lot: Lot) -> None:
        names = [keys.marks(tag), keys.index(tag)]
        names += [keys.family(tag, family) for family in lot.families]
        names += [keys.token(token.place) for token in lot.tokens]
        arguments = {"grants": lot.families, "tokens": [(token.family, token.member) for token in lot.tokens]}
        await self._link.script(END_GRANTS, names, [orjson.dumps(arguments)])
