"""Lets time pass in a store at once: every lifetime in it is shortened, and every time in it moved into the past."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from mashery_oauth.models import Service
from mashery_oauth.store import Store, keys
from tests.world import World

# Whatever a key holds, a run of thirteen digits in it is a time in milliseconds since 1970.
AGE = """
local by, left = tonumber(ARGV[1]), redis.call('PTTL', KEYS[1])
if left == -2 then return end
if left <= by then return redis.call('DEL', KEYS[1]) end
if redis.call('TYPE', KEYS[1]).ok == 'zset' then
  local found = redis.call('ZRANGE', KEYS[1], 0, -1, 'WITHSCORES')
  for at = 1, #found, 2 do redis.call('ZADD', KEYS[1], string.format('%d', found[at + 1] - by), found[at]) end
else
  local value = string.gsub(redis.call('GET', KEYS[1]), '%f[%d]' .. string.rep('%d', 13) .. '%f[%D]', function(time)
    return string.format('%d', tonumber(time) - by)
  end)
  redis.call('SET', KEYS[1], value)
end
redis.call('PEXPIRE', KEYS[1], string.format('%d', left - by))
"""


def keys_of(store: Store, texts: Iterable[str], tags: Iterable[str]) -> set[str]:
    """Every key that texts and users' tags can name."""
    found = {key for tag in tags for key in (keys.marks(tag), keys.index(tag))}
    for text in texts:
        place = store.texts.locate_refresh(text) or store.texts.locate(text)
        assert place is not None
        found |= {keys.marks(place.tag), keys.index(place.tag)}
        if place.family:
            found |= {keys.family(place.tag, place.family), keys.grace(place.tag, place.family)}
        else:
            found |= {keys.token(place), keys.code(place)}
    return found


async def age(store: Store, names: Iterable[str], seconds: int) -> None:
    """Makes keys as they will be after so many seconds."""
    for name in names:
        await store.link.run(name, "EVAL", AGE, 1, name, seconds * 1000)


async def let_pass(world: World, results: list[dict[str, Any]], seconds: int, *users: tuple[Service, str]) -> None:
    """Lets time pass for what results name, and for users."""
    texts = [result[name] for result in results for name in ("access_token", "refresh_token") if name in result]
    tags = [world.store.texts.tag_of_user(service.id, user) for service, user in users]
    await age(world.store, keys_of(world.store, texts, tags), seconds)
