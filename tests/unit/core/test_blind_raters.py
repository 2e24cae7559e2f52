"""Two people of one name, and one person with two."""

import pytest

from fal_experiments.core.blind_raters import disputed, look_alikes
from fal_experiments.core.votes import Outcome, Vote


def said(outcome: Outcome, rater: str = "anna", ballot: str = "1") -> Vote:
    return Vote.model_validate(
        {
            "at": "2026-11-20T10:00:00Z",
            "rater": rater,
            "source": "blind:0a1b2c3d",
            "ballot": ballot,
            "prompt": "walk",
            "kind": "pair",
            "cells": ("a" * 16, "b" * 16),
            "presets": ("x", "y"),
            "outcome": outcome,
        }
    )


def test_ballots_that_two_files_answer_differently_are_counted_by_rater() -> None:
    one = [said("first"), said("tie", ballot="2"), said("first", rater="bo")]
    other = [said("second"), said("tie", ballot="2"), said("second", rater="cy")]

    assert disputed([one, other]) == {"anna": 1}
    assert disputed([one, one]) == {}


@pytest.mark.parametrize("other", ["ANN", "ann", "Ann\u00a0", "\uff21nn"])
def test_names_that_look_alike_are_found(other: str) -> None:
    assert look_alikes(["Ann", "Bo", other, "Anne"]) == [tuple(sorted(["Ann", other]))]


def test_one_name_in_many_votes_is_no_look_alike() -> None:
    assert look_alikes(["Ann", "Ann", "Bo"]) == []
