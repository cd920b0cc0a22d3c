"""A page as those who cannot see it have it: its words, its links, what it loads."""

from html.parser import HTMLParser

import httpx

LOADS = {"script": "src", "img": "src", "source": "srcset", "link": "href", "form": "action", "a": "href"}
AWAY = "noopener noreferrer external"  # what a link says that leads away from us
VOID = {"meta", "link", "img", "source", "input", "br", "hr"}


class Read(HTMLParser):
    """Fails on what a strict policy would refuse, and on tags that do not match."""

    def __init__(self, response: httpx.Response) -> None:
        super().__init__()
        self.words: list[str] = []
        self.addresses: dict[str, list[str]] = {}
        self.tags: list[str] = []
        self._open: list[str] = []
        self._within = False  # a sentence, around a figure that is kept on one line
        self.feed(response.text)
        assert self._open == [], f"left open: {self._open}"

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.words).split())

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        said = dict(attributes)
        self.tags.append(tag)
        assert tag != "style", "style stands in a sheet of its own"
        for name in said:
            assert name != "style", f"<{tag}> is styled inline"
            assert not name.startswith("on"), f"<{tag}> has a handler inline"
        if tag == "script":
            assert said.get("src"), "script stands in a file of its own"
        if tag == "img":
            assert said.get("alt"), "a picture says what it shows"
        if tag in LOADS and (address := said.get(LOADS[tag])):
            self.addresses.setdefault(tag, []).append(address)
            away = tag == "a" and said.get("rel") == AWAY and address.startswith("https://")
            assert away or address.startswith(("/ui", "?", "#")), f"{address} is not ours"
        self._within = self._within or said.get("class") == "unbroken"
        if tag not in VOID:
            self._open.append(tag)

    def handle_startendtag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attributes)
        if tag not in VOID:
            self._open.pop()

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag, f"</{tag}> closes nothing"

    def handle_data(self, data: str) -> None:
        if self._within:
            data = self.words.pop() + data
        self._within = self._within and self._open[-1] == "span"
        self.words.append(data)


def read(response: httpx.Response, status: int = 200) -> Read:
    """A page that was answered so."""
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "text/html; charset=utf-8"
    return Read(response)
