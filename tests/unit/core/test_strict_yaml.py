"""What YAML 1.1 would silently turn into something else is refused with a line number."""

from decimal import Decimal

import pytest

from fal_experiments.core.strict_yaml import load
from fal_experiments.errors import BadInput


def test_plain_values_keep_their_types_and_decimals_stay_exact() -> None:
    text = "whole: 5\nexact: 12.50\ntruth: true\nnothing: null\ndate: 2026-10-04\nrange: 1-3\n"

    data = load(text, "m.yaml").data

    assert data == {
        "whole": 5,
        "exact": Decimal("12.50"),
        "truth": True,
        "nothing": None,
        "date": "2026-10-04",
        "range": "1-3",
    }


def test_quoted_and_block_text_is_never_read_as_something_else() -> None:
    data = load("a: '16:9'\nb: \"yes\"\nc: |\n  007\n", "m.yaml").data

    assert data == {"a": "16:9", "b": "yes", "c": "007\n"}


@pytest.mark.parametrize(
    ("text", "line", "fix"),
    [
        ("a: 1\nb: 16:9", 2, 'write "16:9"'),
        ("a: 9:16", 1, 'write "9:16"'),
        ("a: 1:30:05", 1, 'write "1:30:05"'),
        ("a: yes", 1, 'write true or false, or "yes" for the word'),
        ("a: Off", 1, 'write true or false, or "Off" for the word'),
        ("a: 1.0e999", 1, 'quote it if it is text: "1.0e999"'),
        ("a: 1.0e-999", 1, 'quote it if it is text: "1.0e-999"'),
        ("seed: 007", 1, '"007"'),
        ("a: 0x1F", 1, '"0x1F"'),
        ("a: 1_000", 1, '"1_000"'),
        ("a: 1e5", 1, '"1e5"'),
        ("a: .5", 1, '".5"'),
        ("a: .inf", 1, '".inf"'),
        ("a: 1\nb: 2\na: 3", 3, "keep one"),
        ("5: a", 1, 'write "5"'),
        ("a: &x [1]\nb: *x", 1, "repeat the value"),
        ("a: !!python/object/apply:os.system [ls]", 1, "leave it out"),
        ("a: 1\n---\nb: 2", 2, "one per file"),
        ("a: [1, 2", 2, "indentation"),
    ],
)
def test_a_value_that_tools_read_differently_is_refused_with_its_line(
    text: str, line: int, fix: str
) -> None:
    with pytest.raises(BadInput) as caught:
        load(text, "m.yaml")

    assert caught.value.message.startswith(f"m.yaml:{line}: ")
    assert fix in caught.value.fix


@pytest.mark.parametrize("opening", ["[", "{a: ", "- "])
def test_hostile_depth_is_an_error_and_not_a_crash(opening: str) -> None:
    with pytest.raises(BadInput, match="nested deeper"):
        load(opening * 100_000, "m.yaml")


def test_hostile_size_is_refused_before_it_is_parsed() -> None:
    with pytest.raises(BadInput, match="characters"):
        load("a" * 3_000_000, "m.yaml")


def test_lines_are_known_for_every_value_and_for_front_matter_too() -> None:
    document = load("a:\n  - x: 1\n  - x: 2\n", "m.yaml", first_line=10)

    assert document.where(("a", 1, "x")) == "m.yaml:12: a[1].x"
    assert document.where(("a", 1, "gone")) == "m.yaml:12: a[1].gone"
