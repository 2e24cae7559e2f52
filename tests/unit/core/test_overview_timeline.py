"""Attempts over time: phases follow each other, lanes do not overlap, idle time is cut out."""

import itertools

from hypothesis import given
from hypothesis import strategies as st

from fal_experiments.core.attempt import Attempt
from fal_experiments.core.overview_facts import facts_of
from fal_experiments.core.overview_model import TimelineView
from fal_experiments.core.overview_time import Clock, pack, ticks
from fal_experiments.core.overview_timeline import timeline
from tests.unit.core.overview_batch import a_plan, attempt, parts

spans = st.lists(
    st.tuples(st.floats(0, 1e5), st.floats(0.1, 1e3)).map(lambda s: (s[0], s[0] + s[1])),
    min_size=1,
    max_size=30,
)


def _view(*attempts: Attempt, seeds: str = "1-3") -> TimelineView:
    given = parts(a_plan(seeds), attempts)
    return timeline(facts_of(given), given.state)


def test_an_attempt_is_a_queue_a_run_and_a_download() -> None:
    view = _view(attempt("a1", wait_s=4, run_s=10), attempt("b1"))

    own = [(bar.phase, bar.start, bar.end) for bar in view.bars if bar.lane == 0]
    assert own == [("queue", 0, 4), ("run", 4, 14), ("download", 14, 15)]
    assert view.bars[0].href == "index.html#cell=a000000000000001"
    assert [group.mark for group in view.groups] == ["A", "B"]


def test_what_failed_and_what_was_repeated_has_a_sign() -> None:
    view = _view(attempt("a1", "failed"), attempt("a1", at_s=20, number=2))

    assert [(sign.sign, sign.at) for sign in view.signs] == [("×", 15), ("2", 20)]
    assert view.summary[0].startswith("A Seeded: 2 attempts, 1 not done, 1 repeated;")


def test_a_job_that_runs_lasts_until_the_end_of_the_log() -> None:
    view = _view(attempt("a1", "running", metered=None), attempt("b1"))

    run = next(bar for bar in view.bars if bar.lane == 0 and bar.phase == "run")
    assert (run.start, run.end) == (4, 3600)


def test_of_many_attempts_the_odd_ones_and_the_slowest_are_drawn_and_counted() -> None:
    tries = [attempt(f"a{n}", run_s=n, at_s=n) for n in range(1, 450)]
    tries.append(attempt("a450", "failed", run_s=0.5))

    view = _view(*tries, seeds="1-450")

    assert view.said.startswith("400 of 450 attempts")
    assert len(view.table.rows) == 400
    assert any("failed" in bar.label for bar in view.bars)
    assert not any("seed 1:" in bar.label for bar in view.bars)
    assert any("seed 449:" in bar.label for bar in view.bars)


@given(spans)
def test_nothing_overlaps_in_its_lane_and_no_lane_is_spare(
    given_spans: list[tuple[float, float]],
) -> None:
    lanes = pack(given_spans)

    for lane in set(lanes):
        own = sorted(s for s, place in zip(given_spans, lanes, strict=True) if place == lane)
        assert all(a[1] <= b[0] for a, b in itertools.pairwise(own))
    busiest = max(sum(s <= start < e for s, e in given_spans) for start, _ in given_spans)
    assert max(lanes) + 1 == busiest


@given(spans)
def test_every_moment_has_its_place_in_order(given_spans: list[tuple[float, float]]) -> None:
    clock = Clock.over(given_spans)

    moments = sorted(moment for span in given_spans for moment in span)
    drawn = [clock.drawn(moment) for moment in moments]
    assert all(a <= b + 1e-6 for a, b in itertools.pairwise(drawn))
    assert drawn[0] == 0
    assert drawn[-1] <= clock.length + 1e-6
    assert len(list(ticks(clock))) <= 9 + 2 * len(clock.stretches)


def test_a_night_between_two_sessions_is_cut_out_and_told() -> None:
    clock = Clock.over([(0, 100), (40_000, 40_100)])

    assert clock.length < 250
    assert [tick.label for tick in ticks(clock) if tick.is_break] == ["11 h later"]
    assert clock.drawn(40_100) - clock.drawn(40_000) == 100
    assert clock.drawn(20_000) == clock.drawn(100)
