"""`equipoise demo`: a shop, three experiments with a known truth, and what the evidence says of each."""

import secrets
import sys
import time
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from equipoise.cli.demo.backstage import free, serving, sign_in_link
from equipoise.cli.demo.luck import STREAK, Tally
from equipoise.cli.demo.shop import DAYS, Day, Shop
from equipoise.cli.demo.story import ENVIRONMENT, PROJECT, Team
from equipoise.cli.demo.truths import PLANTED

SETTLE_SECONDS_MAX = 60.0
FOOLED = 0.05
PAGES = f"/ui/projects/{PROJECT}/environments/{ENVIRONMENT}/experiments"


def run(port: int, data: Path | None, serve: bool, seed: int, pace: float, console: Console) -> None:
    """The whole demonstration; with `serve`, the server stays up until Ctrl-C.

    pace  seconds that a day of the shop lasts

    It ends the process with 1 when the evidence says anything but what was planted.
    """
    port = free(port)
    folder = data or Path(mkdtemp(prefix="equipoise-demo-"))
    token = "api-" + secrets.token_urlsafe(32)
    with serving(port, folder, token) as url:
        console.print(f"[bold]Equipoise serves at {url}[/]; its state is in {folder}.", soft_wrap=True)
        _say_link("Watch it happen", port, folder, console)
        team = Team(url, token, console)
        console.rule("Three experiments, made and started by LaunchDarkly's published REST client")
        for planted in PLANTED:
            team.start(planted)
        right = _lived(team, Shop(url, team.sdk_key(), seed, pace), console)
        if serve:
            _say_link("See it", port, folder, console)
            _stay(url, token, console)
    if not serve:
        again = f"equipoise serve --data {folder}"
        console.print(f"[bold]See it:[/] {again}", soft_wrap=True, highlight=False)
    if not right:
        sys.exit("The evidence does not say what was planted.")


def _lived(team: Team, shop: Shop, console: Console) -> bool:
    console.rule("A shop, with LaunchDarkly's published SDK in it")
    try:
        _watch(shop, console)
        results = _settled(team, shop, console)
        console.rule("What the evidence says")
        right = _report(results, console)
        return _decide(team, shop, console) and right
    finally:
        shop.close()


def _watch(shop: Shop, console: Console) -> None:
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.fields[visitors]:>7,} visitors"),
        TimeRemainingColumn(),
    )
    console.print(f"A day of this shop lasts {shop.pace:g} seconds.", highlight=False)
    with Progress(*columns, console=console) as progress:
        task = progress.add_task(f"day 0 of {DAYS}", total=DAYS, visitors=0)
        for day in shop.live():
            said = f"day {day.number + 1} of {DAYS}"
            progress.update(task, description=said, completed=day.number + 1, visitors=day.visitors)
            _fooled(day, progress.console)


def _fooled(day: Day, console: Console) -> None:
    """Says when a test that may be looked at once would call what is not there."""
    for planted in PLANTED:
        p = day.tallies[planted.key].p
        if planted.lucky and p < FOOLED and day.number < len(STREAK):
            line = (
                f"  day {day.number + 1}: a plain t-test would call “{planted.name}” a winner (p = {p:.3f})"
            )
            console.print(line, style="yellow", highlight=False)


def _settled(team: Team, shop: Shop, console: Console) -> dict[str, Any]:
    """The results, once every event that was sent is in them."""
    shop.flush()
    deadline = time.monotonic() + SETTLE_SECONDS_MAX
    with console.status("Waiting for the last events to become files"):
        while True:
            results = {planted.key: team.results(planted) for planted in PLANTED}
            if all(_complete(results[each.key], each.event, shop.tallies[each.key]) for each in PLANTED):
                return results
            if time.monotonic() > deadline:
                sys.exit("Some events never came back in the results.\nNext: the server's log says why.")
            time.sleep(0.5)


def _complete(result: Any, event: str, tally: Tally) -> bool:
    """Whether each unit and each success is in it, once."""
    measured = [each for arm in result["arms"] for each in arm["measurements"] if each["metric"] == event]
    units = sum(arm["units"] for arm in result["arms"])
    successes = round(sum(each["total"] or 0.0 for each in measured))
    return (units, successes) == (sum(tally.units), sum(tally.successes))


def _report(results: dict[str, Any], console: Console) -> bool:
    table = Table(show_lines=True)
    for title in ("experiment", "planted", "the evidence says", ""):
        table.add_column(title)
    right = True
    for planted in PLANTED:
        verdict = results[planted.key]["verdict"]
        found = verdict["call"] in planted.expected
        right = right and found
        mark = "[green]as planted[/]" if found else "[red]not as planted[/]"
        table.add_row(planted.name, planted.told, verdict["sentence"], mark)
    console.print(table)
    return right


def _decide(team: Team, shop: Shop, console: Console) -> bool:
    """Ships the winner: it is served to everybody as soon as the SDK has heard of it."""
    winner = PLANTED[0]
    team.ship(winner)
    begun = time.monotonic()
    served = shop.serves_everybody(winner)
    took = (time.monotonic() - begun) * 1_000
    said = f"The SDK serves “{winner.new}” to everybody {took:.0f} ms later."
    console.print(said if served else "[red]The SDK has not heard of it.[/]", highlight=False)
    return served


def _say_link(what: str, port: int, data: Path, console: Console) -> None:
    link = sign_in_link(port, data, PAGES)
    console.print(f"[bold]{what}:[/] {link}", soft_wrap=True, highlight=False)


def _stay(url: str, token: str, console: Console) -> None:
    console.print(f"\nIt still serves at {url} (Ctrl-C ends it). The numbers behind the pages:")
    path = f"{url}/equipoise/v1/experiments/{PLANTED[0].key}/results"
    console.print(f"  curl -H 'Authorization: {token}' {path}", soft_wrap=True, highlight=False)
    try:
        while True:
            time.sleep(1)
    except KeyboardInterrupt:
        console.print("Stopped.")
