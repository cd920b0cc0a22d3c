"""Style, script and icon: named by what is in them, so that browsers may keep them for good."""

import subprocess
import sys
from functools import cache
from gzip import compress
from hashlib import sha256
from importlib.resources import files

import vl_convert
from msgspec import Struct

from equipoise.application.answers import Answer
from equipoise.domain.errors import Missing
from equipoise.web import drawing

BASE = "/ui/static/"
FOR_GOOD = ("Cache-Control", "public, max-age=31536000, immutable")
BUNDLE = "vega.js"  # Vega, Vega-Lite and what embeds them, as one module
EXPORT = "window.vegaEmbed = vegaEmbed;"
BUNDLE_SECONDS_MAX = 60
_MAKE = (
    "import sys, vl_convert\n"
    "source = vl_convert.javascript_bundle(sys.argv[1], vl_version=sys.argv[2])\n"
    "sys.stdout.buffer.write(source.encode())"
)
_COMPRESSED_FROM = 1_400  # bytes: what fits one packet gains nothing

_KINDS = {
    "css": "text/css; charset=utf-8",
    "js": "text/javascript; charset=utf-8",
    "svg": "image/svg+xml",
}


class Files(Struct, frozen=True):
    """Files of ours by name, and where each is."""

    contents: dict[str, bytes]
    marks: dict[str, str]

    def address(self, name: str) -> str:
        """Where it is served; another content has another address."""
        return f"{BASE}{name}?v={self.marks[name]}"

    def answer(self, name: str, encodings: str) -> Answer:
        """raises Missing"""
        if name not in self.marks:
            raise Missing("file", name)
        plain, packed = _packed(name)
        headers = (("Content-Type", _KINDS[name.rpartition(".")[2]]), FOR_GOOD, ("Vary", "Accept-Encoding"))
        if "gzip" in encodings and packed:
            return Answer(200, packed, (*headers, ("Content-Encoding", "gzip")))
        return Answer(200, plain, headers)


def warm() -> None:
    """Makes the bundle, so that whoever asks first does not wait for it."""
    _packed(BUNDLE)


def _found() -> Files:
    folder = files("equipoise.web") / "static"
    contents = {each.name: each.read_bytes() for each in folder.iterdir() if each.name.count(".") == 1}
    marks = {name: sha256(content).hexdigest()[:12] for name, content in contents.items()}
    engine = f"{vl_convert.get_vega_version()}-{vl_convert.get_vega_embed_version()}"
    return Files(contents, {**marks, BUNDLE: engine})


@cache
def _packed(name: str) -> tuple[bytes, bytes]:
    """As it is, and compressed; the bundle is made when it is first asked for, which takes a second."""
    plain = _bundle() if name == BUNDLE else FILES.contents[name]
    return plain, compress(plain, 6, mtime=0) if len(plain) >= _COMPRESSED_FROM else b""


def _bundle() -> bytes:
    """Made by a process of its own: the converter lets nothing else of a process run for that second."""
    said = [sys.executable, "-c", _MAKE, EXPORT, drawing.VERSION]
    made = subprocess.run(
        said, stdout=subprocess.PIPE, check=True, timeout=BUNDLE_SECONDS_MAX, start_new_session=True
    )
    return made.stdout


FILES = _found()
