"""Vega-Lite documents into pictures, without a browser and without asking anybody for anything.

The first picture of a process takes about half a second, those after it a fiftieth: `warm` draws it ahead.
"""

from threading import Lock
from typing import Any

from equipoise.analysis import themes

VERSION = "6.4"
SCALE = 2.0  # dots per pixel of a PNG
FIRST = {"data": {"values": [{}]}, "mark": "point"}

_ONE_AT_A_TIME = Lock()  # the converter has one thread anyhow


def svg(document: dict[str, Any], theme: str = "light") -> bytes:
    """The picture as SVG. theme: light or dark"""
    import vl_convert

    with _ONE_AT_A_TIME:
        drawn: str = vl_convert.vegalite_to_svg(
            themes.themed(document, theme), vl_version=VERSION, allowed_base_urls=[]
        )
    return drawn.encode()


def png(document: dict[str, Any], theme: str = "light") -> bytes:
    """The picture as PNG. theme: light or dark"""
    import vl_convert

    with _ONE_AT_A_TIME:
        drawn: bytes = vl_convert.vegalite_to_png(
            themes.themed(document, theme), vl_version=VERSION, scale=SCALE, allowed_base_urls=[]
        )
    return drawn


def warm() -> None:
    """Draws something, so that whoever asks next does not wait for the converter to start."""
    svg(FIRST)
