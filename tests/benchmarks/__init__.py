"""Load on the real service beside a bare aiohttp handler; run by ``make bench``, never by the tests."""
