"""Makes the pictures of the README from a real demonstration: `python -m benchmarks.first_result.picture`."""

import subprocess
from base64 import b64decode
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Literal

from playwright.sync_api import Browser, ViewportSize

from benchmarks.first_result.visitor import LIST, RESULT, own_environment
from tests.chromium import launched
from tests.served import Place, Server, command, serving

FOLDER = Path(__file__).parents[2] / "docs" / "images"
SIZE: ViewportSize = {"width": 1_080, "height": 1_400}
LAST = "Interval over time"  # what is shown at the foot of the picture
MARGIN = 28
SCHEMES: tuple[tuple[Literal["light", "dark"], str], ...] = (("light", "result"), ("dark", "result-dark"))
QUALITY = 78
BYTES_MAX = 200_000


def main() -> None:
    with TemporaryDirectory() as folder:
        place = Place(Path(folder) / "data")
        said = command("demo", "--no-serve", "--port", "0", *place.arguments)
        subprocess.run(said, env=own_environment(), check=True)
        with serving(place) as server, launched() as browser:
            for scheme, name in SCHEMES:
                _shoot(browser, server, _link(server, place), scheme, FOLDER / f"{name}.webp")


def _shoot(browser: Browser, server: Server, link: str, scheme: Literal["light", "dark"], to: Path) -> None:
    context = browser.new_context(viewport=SIZE, color_scheme=scheme)
    page = context.new_page()
    page.goto(link)
    page.wait_for_url(f"**{LIST}")
    page.goto(server.url + RESULT)
    for figure in page.locator("figure").all():
        figure.scroll_into_view_if_needed()
        figure.locator("canvas").wait_for(state="visible")
    foot = (
        page.locator("figure")
        .filter(has_text=LAST)
        .evaluate("(it) => it.getBoundingClientRect().bottom + scrollY")
    )
    page.set_viewport_size({"width": SIZE["width"], "height": round(foot) + MARGIN})
    page.evaluate("scrollTo(0, 0)")
    taken = context.new_cdp_session(page).send(
        "Page.captureScreenshot", {"format": "webp", "quality": QUALITY}
    )
    drawn = b64decode(taken["data"])
    if len(drawn) > BYTES_MAX:
        raise ValueError(f"{to.name} has {len(drawn):,} bytes; lower QUALITY")
    to.write_bytes(drawn)
    print(f"{to.name}: {len(drawn):,} bytes")
    context.close()


def _link(server: Server, place: Place) -> str:
    port = server.url.rpartition(":")[2]
    said = command("sign-in", "--port", port, "--then", LIST, *place.arguments)
    told = subprocess.run(said, env=own_environment(), check=True, capture_output=True, text=True)
    return told.stdout.strip().splitlines()[-1]


if __name__ == "__main__":
    main()
