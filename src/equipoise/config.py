"""Every setting, in one frozen value. Read by server and cli alone, handed on as plain values.

A default gives way to `equipoise.toml`, that to the environment, that to the command line.
"""

import tomllib
from collections.abc import Iterator, Mapping
from ipaddress import ip_address
from pathlib import Path
from typing import Annotated, Any, Literal, get_args, get_origin, get_type_hints

import msgspec
from msgspec import UNSET, Meta, Struct

from equipoise.domain.errors import Invalid, Violation, check
from equipoise.domain.limits import BODY_BYTES_MAX, CONFIG_STORE_BYTES_MAX

FILE = "equipoise.toml"
PREFIX = "EQUIPOISE_"
HIDDEN = frozenset({"secret_key", "admin_token", "database"})  # a database URL may hold a password

Text = Annotated[str, Meta(min_length=1)]
Url = Annotated[str, Meta(pattern="^https?://[^/?#\\s]+(/[^?#\\s]*)?$")]
Secret = Annotated[str, Meta(min_length=32)]
Credential = Annotated[str, Meta(pattern="^(?!eqp-|ins-|cfg-)[!-~]+$")]  # in a header, taken for no other
Port = Annotated[int, Meta(ge=0, le=65_535)]
Few = Annotated[int, Meta(ge=1, le=256)]
Count = Annotated[int, Meta(ge=1)]


_WORDS = {  # for what a pattern says to nobody
    "public_url": "must be an address such as https://flags.example, without ? and #",
    "admin_token": "must be of ASCII characters without spaces, and not begin with eqp-, ins- or cfg-",
}


class Settings(Struct, frozen=True, kw_only=True):
    """What the server and the command line are told. docs/reference/settings.md says what each means."""

    host: Text = "127.0.0.1"
    port: Port = 8080
    data: Path = Path("equipoise-data")
    database: Text | None = None
    lake: Text | None = None
    workers: Few = 1
    threads: Few = 8
    tls_cert: Path | None = None
    tls_key: Path | None = None
    public_url: Url | None = None
    secret_key: Secret | None = None
    admin_token: Credential | None = None
    rate_limit: Literal["auto", "on", "off"] = "auto"
    rate_limit_token: Count = 20_000
    rate_limit_route: Count = 10_000
    body_bytes_max: Count = BODY_BYTES_MAX
    config_store_bytes_max: Count = CONFIG_STORE_BYTES_MAX
    journal_bytes_max: Count = 1024 * 1024 * 1024
    log_format: Literal["console", "json"] = "console"
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    shared: Path = Path("../shared")

    @property
    def on_loopback(self) -> bool:
        """Whether only this machine can reach the server."""
        try:
            return ip_address(self.host.strip("[]")).is_loopback
        except ValueError:
            return self.host == "localhost"

    @property
    def rates_enforced(self) -> bool:
        return self.rate_limit == "on" or (self.rate_limit == "auto" and not self.on_loopback)

    @property
    def url(self) -> str:
        """Where others reach the server, without a slash at the end."""
        return (self.public_url or f"{self.scheme}://{self.host}:{self.port}").rstrip("/")

    @property
    def scheme(self) -> str:
        return "https" if self.tls_cert else "http"

    def __repr__(self) -> str:
        said = (
            f"{name}={'…' if name in HIDDEN and value else repr(value)}"
            for name, value in msgspec.structs.asdict(self).items()
        )
        return f"Settings({', '.join(said)})"


HINTS = get_type_hints(Settings, include_extras=True)


def read(options: Mapping[str, Any], environment: Mapping[str, str], config: Path | None = None) -> Settings:
    """The settings from all sources, as `told` has them. raises Invalid"""
    return Settings(**told(options, environment, config))


def told(
    options: Mapping[str, Any], environment: Mapping[str, str], config: Path | None = None
) -> dict[str, Any]:
    """What any source says, and no default; an option that is None was not said.

    config  the file; None for the one that the environment names, or FILE where there is one
    raises  Invalid with all that is wrong, in every source
    """
    asked = config or environment.get(PREFIX + "CONFIG")
    named = Path(asked or FILE)
    values: dict[str, Any] = {}
    found: list[Violation] = []
    for spelled, said, strict in (
        (lambda name: f"{named}: {name}", _in_file(named, not asked, found), True),
        (lambda name: PREFIX + name.upper(), _in_environment(environment), False),
        (lambda name: "--" + name.replace("_", "-"), _in_options(options), False),
    ):
        for name, value in said.items():
            try:
                values[name] = _converted(name, value, strict)
            except Invalid as error:
                found += (Violation(spelled(name), v.rule, v.found) for v in error.violations)
    check(*found, *_together(values))
    return values


def _in_file(file: Path, optional: bool, found: list[Violation]) -> dict[str, Any]:
    if optional and not file.exists():
        return {}
    try:
        return tomllib.loads(file.read_text("utf-8"))
    except OSError as error:
        found.append(Violation(str(file), f"cannot be read: {error.strerror}"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        found.append(Violation(str(file), f"is no TOML: {error}"))
    return {}


def _in_environment(environment: Mapping[str, str]) -> dict[str, str]:
    """What is set and not empty. Other names that start alike are somebody else's."""
    said = ((name, environment.get(PREFIX + name.upper())) for name in Settings.__struct_fields__)
    return {name: value for name, value in said if value}


def _in_options(options: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in options.items() if value is not None}


def _converted(name: str, value: Any, strict: bool) -> Any:
    """The value as its setting holds it. raises Invalid"""
    if name not in HINTS:
        raise Invalid(Violation(name, "is no setting"))
    try:
        return msgspec.convert(value, HINTS[name], strict=strict, dec_hook=_path)
    except msgspec.ValidationError as error:
        found = UNSET if name in HIDDEN else value
        raise Invalid(Violation(name, _rule(name, str(error)), found)) from None


def _rule(name: str, said: str) -> str:
    """What the decoder says, for people who set things up."""
    if get_origin(HINTS[name]) is Literal:
        return f"must be one of {', '.join(get_args(HINTS[name]))}"
    if "regex" in said:
        return _WORDS[name]
    for theirs, ours in (("Expected", "must be"), ("int", "a number"), ("str", "text"), ("`", "")):
        said = said.replace(theirs, ours)
    return said


def _path(kind: type, value: Any) -> Any:
    if kind is Path and isinstance(value, str | Path) and str(value):
        return Path(value)
    raise ValueError("must be a path")


def _together(values: Mapping[str, Any]) -> Iterator[Violation]:
    if ("tls_cert" in values) != ("tls_key" in values):
        yield Violation("tls_cert, tls_key", "a certificate and its key go together")
    for name in ("tls_cert", "tls_key"):
        if name in values and not values[name].is_file():
            yield Violation(name, "must be a file", str(values[name]))
