"""Somebody who follows the link that the demonstration printed."""

import re
from collections.abc import Iterator
from contextlib import contextmanager

import httpx

from tests.served import environment

LINK = re.compile(r"(http://127\.0\.0\.1:\d+)(/ui/sign-in/[\w-]+)")
LIST = "/ui/projects/default/environments/production/experiments"
RESULT = f"{LIST}/checkout/result"


@contextmanager
def signed_in(printed: str) -> Iterator[httpx.Client]:
    """A browser of sorts that used the last link in what was printed."""
    url, path = LINK.findall(printed)[-1]
    with httpx.Client(base_url=url, headers={"Origin": url}, timeout=30) as visitor:
        answer = visitor.post(path, data={"next": LIST})
        if answer.status_code != 303:
            raise RuntimeError(f"the link does not sign in: {answer.status_code}")
        yield visitor


def own_environment() -> dict[str, str]:
    """None of the caller's settings, and no token but the demonstration's own."""
    return {name: value for name, value in environment().items() if name != "EQUIPOISE_ADMIN_TOKEN"}
