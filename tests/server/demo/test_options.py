"""What `venterom demo` takes, and how it says that it takes no other."""

import pytest

from venterom.server.demo.crowd.behaviour import FEWEST, MOST
from venterom.server.main import parser


@pytest.mark.parametrize("number", [FEWEST, 30, MOST])
def test_so_many_may_come_an_hour(number: int) -> None:
    assert parser().parse_args(["demo", "--crowd", str(number)]).crowd == number


def test_nobody_comes_unless_it_is_asked_for() -> None:
    assert parser().parse_args(["demo"]).crowd is None


@pytest.mark.parametrize(
    ("option", "value", "sentence"),
    [
        ("--crowd", "0", "'0' is no number from 1 to 120"),
        ("--crowd", "121", "'121' is no number from 1 to 120"),
        ("--crowd", "-3", "'-3' is no number from 1 to 120"),
        ("--crowd", "many", "'many' is no number from 1 to 120"),
        ("--crowd", "2.5", "'2.5' is no number from 1 to 120"),
        ("--port", "0", "'0' is no number from 1 to 65535"),
        ("--port", "65536", "'65536' is no number from 1 to 65535"),
    ],
)
def test_any_other_number_is_refused_with_a_sentence(
    option: str, value: str, sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        parser().parse_args(["demo", f"{option}={value}"])
    assert ended.value.code == 2
    assert sentence in capsys.readouterr().err


def test_the_manual_says_what_a_crowd_is(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        parser().parse_args(["demo", "--help"])
    said = " ".join(capsys.readouterr().out.split())
    assert "let N simulated patients come an hour, 1 to 120 (default: none)" in said
    assert "--pace" not in said
