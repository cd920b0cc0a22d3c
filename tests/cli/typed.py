"""Commands in this process, as they are typed."""

from collections.abc import Callable

import pytest

from equipoise.cli import main

Said = tuple[int, str, str]  # exit status, standard output, standard error
Run = Callable[..., Said]


def typed(capsys: pytest.CaptureFixture[str], *arguments: str) -> Said:
    with pytest.raises(SystemExit) as ended:
        main(list(arguments))
    said = capsys.readouterr()
    status = ended.value.code
    return (status if isinstance(status, int) else 0), said.out, said.err
