"""What meets in a blind test, that its names and orders tell nothing, and which votes count."""

import hashlib
import json
from collections import Counter
from datetime import UTC, datetime
from fractions import Fraction
from typing import Any

import pytest

from fal_experiments.core.blind import Deal, Origin, deal
from fal_experiments.core.blind_alike import ClipFacts, made_alike, made_plain
from fal_experiments.core.blind_leaks import leaks_in_film, leaks_in_text
from fal_experiments.core.blind_rows import Field, Kind, ballots_for, draw_up
from fal_experiments.core.blind_votes import SealedVote, consistency, read_sealed, unblinded
from fal_experiments.core.blind_words import notes
from fal_experiments.core.plan import Plan
from fal_experiments.core.votes import new_votes
from fal_experiments.core.wall_selection import Candidate
from fal_experiments.errors import BadInput
from tests.unit.core.materials import SEEDED, SEEDLESS, plan_of, preset, spec

THIRD = preset("third", seed={"support": "none"})
KEY_SHA256 = "c" * 64
AT = datetime(2026, 11, 20, tzinfo=UTC)


def plan(**changes: Any) -> Plan:
    """Three presets, one prompt with a dialect, two seeds."""
    prompts = [{"id": "walk", "text": "He walks.", "dialects": {"third": "Third: he walks."}}]
    fields = {"presets": ["seeded", "seedless", "third"], "prompts": prompts} | changes
    return plan_of(spec(**fields), (SEEDED, SEEDLESS, THIRD), schemas={})


def candidates(of: Plan, *, without: tuple[str, ...] = ()) -> list[Candidate]:
    """Every cell, done but for those of the presets in `without`."""
    return [
        Candidate(cell.at, cell, "failed" if bad else "done", "", has_clip=not bad)
        for cell in of.cells
        for bad in [cell.at.preset in without]
    ]


def field(**changes: Any) -> Field:
    made = plan(**changes)
    return draw_up(made, candidates(made), "pair")


FIELD = field()


def dealt(number: int = 0, seed: int | None = None, kind: Kind = "pair") -> Deal:
    """A deal whose chance is fixed."""
    shas = dict.fromkeys(FIELD.cells, "d" * 64)
    secret = hashlib.sha256(str(number).encode()).digest()
    return deal(FIELD, kind, Origin("batch", "e" * 64, shas, AT), secret, seed)


def test_a_row_has_one_clip_a_preset_and_the_plain_words_not_those_for_one_model() -> None:
    found = FIELD

    assert [len(row.cells) for row in found.rows] == [3, 3]
    assert {row.prompt_text for row in found.rows} == {"He walks."}
    for row in found.rows:
        assert len({cell.at.preset for cell in row.cells}) == 3
        assert len({(cell.at.seed, cell.at.input) for cell in row.cells}) == 1


def test_what_failed_is_counted_and_what_meets_nobody_is_left_out() -> None:
    made = plan()

    found = draw_up(made, candidates(made, without=("third",)), "pair")
    assert (found.combinations, found.without_clip, found.alone) == (6, 2, 0)
    assert found.presets == ("seeded", "seedless")
    with pytest.raises(BadInput, match="no two of the 2 clips"):
        draw_up(made, candidates(made, without=("third", "seeded")), "pair")
    with pytest.raises(BadInput, match="three clips"):
        draw_up(made, candidates(made, without=("third",)), "best-worst")


def test_a_rater_is_asked_for_no_more_ballots_than_there_are() -> None:
    assert ballots_for(FIELD, "pair", 4, None) == 6
    assert ballots_for(FIELD, "pair", 4, 5) == 5
    assert ballots_for(FIELD, "best-worst", 4, None) == 2
    many = field(seeds="1-9")
    assert ballots_for(many, "pair", 4, None) == 15
    assert ballots_for(many, "pair", 4, 200) == 27 + 2


def test_a_preset_without_a_knob_meets_each_value_of_the_other_and_itself_never() -> None:
    cfg = plan_of(spec(seeds="1", axes={"cfg": [0.3, 0.7]}))

    rows = draw_up(cfg, candidates(cfg), "pair").rows

    assert [[len(cell.at.axes) for cell in row.cells] for row in rows] in (
        [[1, 0]] * 2,
        [[0, 1]] * 2,
    )
    assert len({row.place for row in rows}) == 1


def test_the_order_of_clips_rows_and_contestants_says_nothing_of_presets() -> None:
    first, leading, codes = Counter[str](), Counter[str](), Counter[str]()
    deals = [dealt(number) for number in range(600)]
    for each in deals:
        first[each.key.clips[each.rows[0].clips[0]].preset] += 1
        leading[each.key.contestants[each.contestants[0]]] += 1
        codes[each.key.contestants[min(each.contestants)]] += 1

    for counts in (first, leading, codes):
        # 200 each are expected; 4.5 standard deviations are 52
        assert all(abs(count - 200) < 52 for count in counts.values()), counts
    names = [name for each in deals for name in (each.key.bundle, *each.key.clips)]
    assert len(names) == len(set(names))


def test_a_given_order_fixes_the_order_of_ballots_and_no_name() -> None:
    assert dealt(1, seed=7).shuffle == dealt(2, seed=7).shuffle == 7
    assert dealt(1, seed=7).key.clips.keys() != dealt(2, seed=7).key.clips.keys()


def test_what_the_bundle_says_holds_no_word_of_the_key() -> None:
    made = dealt()
    told = json.dumps([made.rows, made.contestants, made.prompts, made.shuffle])

    secrets = [made.key.secret, "batch", "seeded", "seedless", "third", "vendor", *FIELD.cells]
    assert leaks_in_text(told, secrets, ()) == []
    assert leaks_in_text(told + " Seedless ", secrets, ()) == ["seedless"]
    assert leaks_in_text("he walks seedless", secrets, ["He walks seedless"]) == []


def test_films_are_searched_for_long_words_and_traces_in_any_case() -> None:
    film = b"\x00\x01mdat SEEDLESS \x00x264 - core 165 \x00ace"

    assert leaks_in_film(film, ["seedless", "ace", "another-long-word"]) == [
        "seedless",
        "x264 - core",
    ]


def facts(width: int, height: int, fps: int, length_s: float = 5, **sound: Any) -> ClipFacts:
    return ClipFacts(width, height, Fraction(fps), Fraction(length_s), **sound)


def test_clips_that_meet_become_one_size_and_rate_and_lose_no_frame() -> None:
    wide, small, square = facts(1280, 720, 24), facts(1364, 768, 30), facts(960, 960, 24)

    targets = made_alike([wide, small, square], trim=False)

    assert {to.canvas_px for to in targets} == {(1280, 720)}
    assert [to.picture_px for to in targets] == [(1280, 720), (1280, 720), (720, 720)]
    assert {to.fps for to in targets} == {60}
    assert {to.fps for to in made_alike([wide, facts(640, 360, 24)], trim=False)} == {24}
    assert [to.canvas_px for to in made_plain([wide, square])] == [(1280, 720), (960, 960)]


def test_all_are_heard_equally_loud_without_clipping_or_none_is_heard() -> None:
    loud = facts(64, 64, 24, has_sound=True, loudness_lufs=-12.0, peak_dbtp=-0.5)
    soft = facts(64, 64, 24, has_sound=True, loudness_lufs=-30.0, peak_dbtp=-6.0)

    heard = made_alike([loud, soft], trim=False)
    assert [-12 + heard[0].gain_db, -30 + heard[1].gain_db] == [-25.0, -25.0]
    assert -6 + heard[1].gain_db <= -1
    mute = made_alike([loud, facts(64, 64, 24)], trim=False)
    assert [to.has_sound for to in mute] == [False, False]


def test_lengths_differ_unless_trimmed_and_the_page_says_which() -> None:
    group = [facts(64, 64, 24, 5), facts(64, 64, 24, 6)]

    assert [to.duration_s for to in made_alike(group, trim=False)] == [5, 6]
    assert [to.duration_s for to in made_alike(group, trim=True)] == [5, 5]
    assert "Clips differ in length" in " ".join(
        notes([group], alike=True, trim=False, cropped=False)
    )
    kept = " ".join(
        notes([[facts(64, 64, 24), facts(96, 64, 30)]], alike=False, trim=False, cropped=False)
    )
    assert "size, shape, frame rate" in kept


def vote(made: Deal, **changes: Any) -> dict[str, Any]:
    clips = list(made.rows[0].clips[:2])
    return {
        "v": 1, "at": "2026-11-20T10:00:00Z", "rater": "anna", "bundle": made.key.bundle,
        "key_sha256": KEY_SHA256, "ballot": "-".join(clips), "kind": "pair", "clips": clips,
        "outcome": "first", "best": None, "worst": None, "seen": [1, 0.9],
    } | changes  # fmt: skip


def lines(*votes: dict[str, Any]) -> bytes:
    return "".join(f"{json.dumps(each)}\n" for each in votes).encode()


def opened(made: Deal, data: bytes) -> list[Any]:
    return unblinded(read_sealed(data, "v.jsonl"), made.key, KEY_SHA256, "v.jsonl")


def best_worst(made: Deal, shown: int = 3) -> dict[str, Any]:
    """A vote on the first clips of a row of three: the second is best and the first worst."""
    clips = list(made.rows[1].clips[:shown])
    return vote(
        made, kind="best-worst", clips=clips, ballot="-".join(clips), outcome=None,
        best=clips[1], worst=clips[0],
    )  # fmt: skip


def test_a_vote_gets_its_names_again_and_joining_twice_adds_nothing() -> None:
    made, other = dealt(), dealt(kind="best-worst")

    [first] = opened(made, lines(vote(made)))
    [second] = opened(other, lines(best_worst(other)))

    assert first.source == f"blind:{made.key.bundle}"
    assert first.prompt == "walk"
    sealed = [made.key.clips[name] for name in made.rows[0].clips[:2]]
    assert first.presets == tuple(each.preset for each in sealed)
    assert first.cells == tuple(each.cell for each in sealed)
    assert second.best == other.key.clips[other.rows[1].clips[1]].cell
    assert new_votes([first, second], [first, second]) == []


def test_only_ballots_of_the_bundles_own_kind_and_number_count() -> None:
    pairs, sets = dealt(), dealt(kind="best-worst")
    clip = pairs.rows[0].clips[0]
    twice = vote(pairs, clips=[clip, clip], ballot=f"{clip}-{clip}")

    for made, wrong, said in (
        (pairs, best_worst(pairs), "has pairs only"),
        (sets, vote(sets), "does not show 2"),
        (pairs, twice, "one clip stands in it twice"),
    ):
        with pytest.raises(BadInput, match=said):
            opened(made, lines(wrong))


@pytest.mark.parametrize(
    ("shares", "whole"),
    [([1, 0.8], True), ([1, 0.79], False), ([], False), ([1], False), ([1, 1, 1], False)],
)
def test_clips_count_as_seen_only_when_that_is_said_of_each(
    shares: list[float], *, whole: bool
) -> None:
    assert SealedVote.model_validate(vote(dealt(), seen=shares)).is_seen is whole


WRONG = [
    ({"bundle": "0" * 8}, "several bundles"),
    ({"key_sha256": "0" * 64}, "sealed with the key 000000000000"),
    ({"clips": ["0" * 12, "1" * 12]}, "do not meet"),
    ({"ballot": "another"}, "its name does not fit"),
    ({"kind": "best-worst"}, "2 clips are no best-worst"),
    ({"outcome": "neither"}, "v.jsonl:2: outcome"),
    ({"outcome": None}, "a pair has an outcome"),
    ({"best": "0" * 12}, "none of its clips"),
    ({"seen": [2]}, "v.jsonl:2: seen.0"),
    ({"rater": "a\nb"}, "v.jsonl:2: rater"),
    ({"bundle": "../../../etc"}, "v.jsonl:2: bundle"),
    ({"model": "x"}, "v.jsonl:2: model"),
]


@pytest.mark.parametrize(("changes", "said"), WRONG)
def test_a_vote_that_cannot_be_is_refused_with_its_place(
    changes: dict[str, Any], said: str
) -> None:
    made = dealt()

    with pytest.raises(BadInput) as refused:
        opened(made, lines(vote(made), vote(made, **changes)))

    assert said in refused.value.message


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "no votes in it"),
        (b'{"v":1,"at', "v.jsonl:1: the last line was cut off"),
        (b"\xff\xfe\n", "v.jsonl:1"),
        (b"[" * 100_000 + b"\n", "v.jsonl:1"),
        (b"\n" * 200_000, "not a person's votes"),
    ],
)
def test_a_file_that_is_none_of_votes_is_refused(data: bytes, said: str) -> None:
    with pytest.raises(BadInput) as refused:
        read_sealed(data, "v.jsonl")

    assert said in refused.value.message


def test_a_rater_is_held_against_themself_by_clip_and_not_by_side() -> None:
    made = dealt()
    clips = list(made.rows[0].clips[:2])
    turned = clips[::-1]
    again = vote(made, clips=turned, ballot="-".join(turned) + ".again")
    votes = [vote(made, outcome="first"), again | {"outcome": "second"}]

    same = consistency([SealedVote.model_validate(each) for each in votes])
    other = consistency([SealedVote.model_validate(each) for each in (votes[0], again)])

    assert [(each.rater, each.votes, each.repeated, each.same) for each in same] == [
        ("anna", 2, 1, 1)
    ]
    assert other[0].same == 0
