"""Settings: where they come from, and what is said of those that cannot be."""

from pathlib import Path

import pytest

from equipoise import config
from equipoise.config import Settings
from equipoise.domain.errors import Invalid
from equipoise.security.tokens import ACCESS, INSTALLED, READING

REFERENCE = Path(__file__).parents[1] / "docs" / "reference" / "settings.md"


def test_a_default_gives_way_to_the_file_that_to_the_environment_that_to_the_command_line(
    tmp_path: Path,
) -> None:
    file = tmp_path / "settings.toml"
    file.write_text('host = "10.0.0.1"\nport = 1\nworkers = 3\n')
    said = config.read({"port": 3, "data": None}, {"EQUIPOISE_PORT": "2", "EQUIPOISE_WORKERS": "4"}, file)
    assert (said.host, said.workers, said.port, said.data) == ("10.0.0.1", 4, 3, Path("equipoise-data"))


def test_the_file_in_the_working_directory_is_read_where_there_is_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert config.read({}, {}) == Settings()
    (tmp_path / "equipoise.toml").write_text('log_format = "json"')
    assert config.read({}, {}).log_format == "json"


def test_a_file_that_was_named_has_to_be_there() -> None:
    for asked, environment in ((Path("no.toml"), {}), (None, {"EQUIPOISE_CONFIG": "no.toml"})):
        with pytest.raises(Invalid, match=r"no\.toml: cannot be read"):
            config.read({}, environment, asked)


def test_one_error_names_all_that_is_wrong_in_every_source(tmp_path: Path) -> None:
    file = tmp_path / "settings.toml"
    file.write_text('prot = 1\nthreads = "many"\nrate_limit = "sometimes"\n')
    with pytest.raises(Invalid) as caught:
        config.read({"port": 70_000}, {"EQUIPOISE_WORKERS": "0", "EQUIPOISE_SECRET_KEY": "short"}, file)
    assert [(each.where, each.rule) for each in caught.value.violations] == [
        (f"{file}: prot", "is no setting"),
        (f"{file}: threads", "must be a number, got text"),
        (f"{file}: rate_limit", "must be one of auto, on, off"),
        ("EQUIPOISE_WORKERS", "must be a number >= 1"),
        ("EQUIPOISE_SECRET_KEY", "must be text of length >= 32"),
        ("--port", "must be a number <= 65535"),
    ]


@pytest.mark.parametrize("content", [b"port = ", b"\xff"])
def test_a_file_that_is_no_toml_is_said_to_be_none(content: bytes, tmp_path: Path) -> None:
    file = tmp_path / "settings.toml"
    file.write_bytes(content)
    with pytest.raises(Invalid, match="is no TOML"):
        config.read({}, {}, file)


def test_a_certificate_and_its_key_go_together(tmp_path: Path) -> None:
    with pytest.raises(Invalid, match="go together"):
        config.read({"tls_cert": tmp_path}, {})


def test_a_variable_that_is_set_to_nothing_is_not_set() -> None:
    assert config.read({}, {"EQUIPOISE_ADMIN_TOKEN": ""}).admin_token is None


@pytest.mark.parametrize("beginning", [ACCESS, INSTALLED, READING])
def test_no_admin_token_can_be_taken_for_another_credential(beginning: str) -> None:
    with pytest.raises(Invalid, match="EQUIPOISE_ADMIN_TOKEN"):
        config.read({}, {"EQUIPOISE_ADMIN_TOKEN": beginning + "t" * 43})


def test_others_reach_the_server_where_it_listens_unless_they_are_told_another_address(
    tmp_path: Path,
) -> None:
    assert config.read({"port": 9}, {}).url == "http://127.0.0.1:9"
    for address in ("https://flags.example", "https://flags.example/", "http://h:1/a/b"):
        said = config.read({}, {"EQUIPOISE_PUBLIC_URL": address})
        assert said.url == address.rstrip("/")
    for address in (
        "flags.example",
        "ftp://flags.example",
        "https://",
        "https://h/a?b",
        "https://h/#",
        "http://a b",
    ):
        with pytest.raises(Invalid, match="EQUIPOISE_PUBLIC_URL"):
            config.read({}, {"EQUIPOISE_PUBLIC_URL": address})


@pytest.mark.parametrize(
    ("name", "said", "words"),
    [
        ("PUBLIC_URL", "flags.example", "must be an address such as https://flags.example"),
        ("ADMIN_TOKEN", "two words", "not begin with eqp-"),
    ],
)
def test_what_a_setting_may_be_is_said_in_words(name: str, said: str, words: str) -> None:
    with pytest.raises(Invalid, match=words) as caught:
        config.read({}, {f"EQUIPOISE_{name}": said})
    assert "regex" not in str(caught.value)


def test_no_secret_is_shown_or_found_in_an_error() -> None:
    secret, url = "s3cret-" * 6, "postgresql://me:s3cret@host/db"
    said = config.read({"database": url}, {"EQUIPOISE_SECRET_KEY": secret, "EQUIPOISE_ADMIN_TOKEN": secret})
    assert "s3cret" not in repr(said)
    with pytest.raises(Invalid) as caught:
        config.read({}, {"EQUIPOISE_SECRET_KEY": "s3cret", "EQUIPOISE_ADMIN_TOKEN": "s3cret token"})
    assert "s3cret" not in str(caught.value)


@pytest.mark.parametrize(
    ("host", "loopback"),
    [
        *((host, True) for host in ("127.0.0.1", "127.8.0.1", "localhost", "::1", "[::1]")),
        *((host, False) for host in ("0.0.0.0", "::", "10.0.0.1", "example.com")),
    ],
)
def test_rates_are_enforced_where_others_can_reach_the_server(host: str, loopback: bool) -> None:
    said = Settings(host=host)
    assert said.on_loopback is loopback
    assert said.rates_enforced is not loopback


def test_a_setting_forces_the_rates_on_or_off() -> None:
    assert Settings(rate_limit="on").rates_enforced is True
    assert Settings(host="0.0.0.0", rate_limit="off").rates_enforced is False


@pytest.mark.parametrize("name", Settings.__struct_fields__)
def test_the_reference_has_every_setting_its_variable_and_its_default(name: str) -> None:
    line = next((each for each in REFERENCE.read_text().splitlines() if each.startswith(f"| `{name}` ")), "")
    assert f"`EQUIPOISE_{name.upper()}`" in line, f"docs/reference/settings.md misses {name}"
    default = getattr(Settings(), name)
    assert default is None or f"| `{default}` |" in line


def test_the_reference_has_no_setting_that_is_gone() -> None:
    named = {line.split("`")[1] for line in REFERENCE.read_text().splitlines() if line.startswith("| `")}
    assert named == set(Settings.__struct_fields__)
