"""`equipoise results`: what an experiment has shown, for people, for programs, and as a picture."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import msgspec
import typer
from rich import markup
from rich.console import Console
from rich.table import Table

from equipoise import server
from equipoise.analysis import admitting, charts
from equipoise.analysis.results import Call, Compared, Estimate, Grade, Measurement, Results
from equipoise.analysis.wording import number, percent, span, when
from equipoise.application.administration import HOME, ITSELF, places
from equipoise.application.ports import Query
from equipoise.application.queries import ReadRequest
from equipoise.application.results import Wanted
from equipoise.cli.options import (
    AsJson,
    ConfigFile,
    Database,
    DataFolder,
    Environment,
    Problem,
    Project,
    opened,
    settings,
)
from equipoise.domain.errors import Missing
from equipoise.domain.experiment import EXPERIMENT
from equipoise.domain.experiment.state import Role
from equipoise.domain.identity import INSTANCE, Place
from equipoise.security.permissions import Act

PICTURES = (".svg", ".png")
_OBEYED = re.compile("[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")  # control, and other direction
COLOURS = {
    Call.NO_DATA: "yellow",
    Call.UNTRUSTED: "red",
    Call.UNDECIDED: "cyan",
    Call.BETTER: "green",
    Call.NOT_WORSE: "green",
    Call.WORSE: "red",
}
MARKS = {Grade.GOOD: "[green]good[/]", Grade.UNKNOWN: "unknown", Grade.WARNING: "[yellow]warning[/]"}


def results(
    experiment: Annotated[str, typer.Argument(metavar="EXPERIMENT", help="Key of the experiment.")],
    project: Project = HOME.project,
    environment: Environment = HOME.environment,
    iteration: Annotated[
        str, typer.Option("--iteration", metavar="ID", help="An iteration; the current one if unsaid.")
    ] = "",
    plot: Annotated[
        Path | None, typer.Option("--plot", metavar="FILE", help="Draw it, as .svg or .png by its name.")
    ] = None,
    data: DataFolder = None,
    database: Database = None,
    config: ConfigFile = None,
    as_json: AsJson = False,
) -> None:
    """Show what an experiment has found so far: the verdict, the evidence, and whether to believe it."""
    if plot is not None:
        _expect_picture(plot)
    said = settings(config, data=data, database=database)
    place = Place(project, environment)
    with opened(said) as instance:
        desk = server.results_of(said, instance.library)
        try:
            found = desk.compute(ReadRequest(ITSELF, Act.READ, place), Wanted(experiment, iteration))
        except Missing as error:
            raise _unknown(error, instance, place) from error
    if plot is not None:
        _draw(found, plot)
    if as_json:
        typer.echo(msgspec.json.encode(found))
    else:
        _show(found, Console(soft_wrap=True))


def _unknown(error: Missing, instance: server.Instance, place: Place) -> Problem:
    """What is not there, and what is."""
    with instance.store.read() as reader:
        everywhere = reader.select(EXPERIMENT, Query(INSTANCE, everywhere=True)).items
        environments = ", ".join(map(str, places(reader)))
    here = ", ".join(each.key for each in everywhere if each.place == place)
    elsewhere = [each.place for each in everywhere if each.key == error.name]
    step = f"There are {here}." if here else f"The environments are {environments}."
    if error.noun == "experiment" and elsewhere:
        step = f"There is one in {elsewhere[0]}: say --project and --environment."
    return Problem(f"There is no {error.noun} “{error.name}” in {place}.", step)


# pictures


def _expect_picture(plot: Path) -> None:
    if plot.suffix.lower() not in PICTURES:
        raise Problem(f"{plot.name} is neither an SVG nor a PNG.", "Name a file that ends in .svg or .png.")
    if not plot.absolute().parent.is_dir():
        raise Problem(f"There is no folder {plot.absolute().parent}.", "Make it, or name another file.")


def _draw(found: Results, plot: Path) -> None:
    from equipoise.web import drawing

    draw = drawing.svg if plot.suffix.lower() == ".svg" else drawing.png
    plot.write_bytes(draw(charts.together(found)))
    typer.echo(f"Drawn in {plot}.", err=True)


# for people


def _show(found: Results, console: Console) -> None:
    colour = COLOURS[found.verdict.call]
    word = found.verdict.call.value.replace("_", " ")
    console.print(f"[bold]{escape(found.name)}[/] ({escape(found.experiment)}), {found.status}")
    console.print(f"[bold {colour}]{word}[/]  {escape(found.verdict.sentence)}")
    console.print(f"Next: {escape(found.verdict.next_step)}\n")
    console.print(_arms(found))
    for line in admitting.sentences(found.admission, found.unit):
        console.print(escape(line), highlight=False)
    if found.comparisons:
        console.print(_comparisons(found))
        for line in _warnings(found):
            console.print(line)
    console.print(_health(found))
    console.print("\n".join(_computed(found)), highlight=False)


def escape(text: str) -> str:
    """As text alone: no markup, and nothing that a terminal obeys. Names of variations may hold anything."""
    return markup.escape(_OBEYED.sub("\N{REPLACEMENT CHARACTER}", text))


def _table(*columns: str) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0), title_justify="left", title_style="bold")
    for at, column in enumerate(columns):
        table.add_column(column, justify="left" if at == 0 else "right")
    return table


def _arms(found: Results) -> Table:
    names = {each.metric: each.name for each in found.comparisons}
    metrics = [each.metric for each in found.arms[0].measurements] if found.arms else []
    table = _table("arm", "planned", "units", *(escape(names.get(key, key)) for key in metrics))
    by_share = any(arm.share for arm in found.arms)
    for arm in found.arms:
        name = escape(arm.name) + (" (control)" if arm.control else "")
        figures = map(_measured, arm.measurements)
        planned = percent(arm.share / 100_000) if by_share else "–"
        table.add_row(name, planned, f"{arm.units:,}", *figures)
    return table


def _measured(measurement: Measurement) -> str:
    if measurement.mean is None:
        return "none"
    missing = f" ({measurement.missing:,} missing)" if measurement.missing else ""
    return f"{number(measurement.mean)}{missing}"


def _comparisons(found: Results) -> Table:
    names = found.arm_names
    table = _table("\nmetric", "\narm", "\nlift", "always-valid\ninterval", "\np", "one planned\nlook")
    for each in found.comparisons:
        role = "" if each.role is Role.SECONDARY else f" ({each.role})"
        p = "" if each.always is None else f"{each.always.p_value:.3g}"
        table.add_row(
            escape(each.name) + role,
            escape(names.get(each.arm, each.arm)),
            _lift(each),
            _interval(each.always),
            p,
            _interval(each.fixed),
        )
    return table


def _lift(compared: Compared) -> str:
    estimate = compared.always
    if estimate is None:
        return "none yet"
    if estimate.relative is None:
        return number(estimate.difference, signed=True)
    return percent(estimate.relative, signed=True)


def _interval(estimate: Estimate | None) -> str:
    if estimate is None:
        return "none yet"
    if estimate.relative_interval is not None:
        return span(estimate.relative_interval, relative=True)
    return span(estimate.interval, relative=False)


def _warnings(found: Results) -> Iterator[str]:
    for each in found.comparisons:
        for warned in each.warnings:
            yield f"[yellow]{escape(each.name)}[/]: {escape(warned.sentence)} {escape(warned.remedy)}"


def _health(found: Results) -> Table:
    table = Table(box=None, show_header=False, padding=(0, 2, 0, 0))
    for check in found.health:
        said = check.sentence if check.grade is Grade.GOOD else f"{check.sentence} {check.remedy}"
        table.add_row(MARKS.get(check.grade, "[red]bad[/]"), check.title, escape(said))
    return table


def _computed(found: Results) -> Iterator[str]:
    how = found.computation
    yield f"\nplan {how.plan[:12]}, alpha {how.alpha:g}, iteration {found.iteration}"
    newest = when(how.watermark) if how.watermark else "none"
    read = f"{how.exposures:,} exposures and {how.outcomes:,} outcomes of {how.files:,} files"
    yield f"{read}; newest event {newest}"
    if how.engine:
        yield f"computed by {how.engine} at {when(how.computed_at)}; --json shows the SQL"
