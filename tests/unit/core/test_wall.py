"""A wall's time, space, selection and words, without a picture."""

from fractions import Fraction
from itertools import product

import pytest

from fal_experiments.core.wall import (
    Clock,
    Strip,
    Sync,
    Timing,
    Window,
    clip_moment_s,
    frame_at,
    has_ended,
    progress,
    wall_clock,
    wipe_share,
)
from fal_experiments.core.wall_grid import (
    LONGEST_SIDE_PX,
    Box,
    Layout,
    lay_out,
    letterbox,
    pane_ratio,
    pane_size_px,
    pane_width_px,
    parse_layout,
    usual_layout,
    wrap,
)
from fal_experiments.core.wall_selection import Filters
from fal_experiments.core.wall_wish import (
    Wish,
    found_window,
    pane_named,
    parse_offset,
    parse_window,
    wall_command,
)
from fal_experiments.core.wall_words import footer_words, length_words, pane_words
from fal_experiments.errors import BadInput

F = Fraction
FIVE = Strip(F(5), F(24))
SIX = Strip(F(6), F(24))


def steady(strip: Strip) -> list[Fraction]:
    """Return when each frame of a steady clip begins."""
    return [index / strip.fps for index in range(round(strip.duration_s * strip.fps))]


def shown(clock: Clock, strip: Strip) -> list[int | None]:
    """Return which frame of a clip each frame of the wall shows."""
    moments = (clip_moment_s(clock, strip, clock.moment_s(i)) for i in range(clock.frames))
    return [None if at is None else frame_at(steady(strip), at) for at in moments]


@pytest.mark.parametrize("fps", [8, 12, 24, 25, 30])
@pytest.mark.parametrize("sync", ["absolute", "percent", "phase"])
def test_a_clip_of_the_walls_own_rate_and_length_gives_every_frame_once(
    sync: Sync, fps: int
) -> None:
    strip = Strip(F(2), F(fps))

    assert shown(wall_clock(Timing(sync), [strip]), strip) == list(range(2 * fps))


def test_a_clip_whose_times_are_rounded_to_milliseconds_loses_no_frame() -> None:
    clock = wall_clock(Timing(fps=24), [Strip(F(2), F(24))])
    rounded = [F(round(F(index, 24) * 1000), 1000) for index in range(48)]

    assert [frame_at(rounded, clock.moment_s(i)) for i in range(48)] == list(range(48))


def test_a_slow_clip_repeats_its_frames_evenly_on_a_fast_wall() -> None:
    slow, fast = Strip(F(2), F(8)), Strip(F(2), F(24))
    clock = wall_clock(Timing(), [slow, fast])

    assert clock.fps == 24
    assert shown(clock, slow) == [index // 3 for index in range(48)]


def test_a_fast_clip_on_a_slow_wall_is_never_more_than_a_frame_of_the_wall_off() -> None:
    fast = Strip(F(3), F(60))
    clock = wall_clock(Timing(fps=12), [fast])

    for index, frame in enumerate(shown(clock, fast)):
        assert frame is not None
        assert abs(F(frame, 60) - F(index, 12)) <= F(1, 12)


def test_the_wall_lasts_as_long_as_its_longest_clip() -> None:
    clock = wall_clock(Timing(), [FIVE, SIX])

    assert clock.length_s == 6
    assert clock.frames == 144


def test_a_shorter_clip_holds_its_last_frame_starts_again_or_leaves_its_pane_empty() -> None:
    ends = {
        end: shown(wall_clock(Timing(end=end), [FIVE, SIX]), FIVE)[119:122]
        for end in ("hold", "loop", "blank")
    }

    assert ends == {"hold": [119, 119, 119], "loop": [119, 0, 1], "blank": [119, None, None]}


def test_only_a_clip_that_is_over_counts_as_ended() -> None:
    clock = wall_clock(Timing(), [FIVE, SIX])

    assert [has_ended(clock, strip, F(11, 2)) for strip in (FIVE, SIX)] == [True, False]
    loops = wall_clock(Timing(end="loop"), [FIVE, SIX])
    assert not has_ended(loops, FIVE, F(11, 2))


def test_a_clip_that_is_moved_against_the_clock_is_ahead_or_begins_later() -> None:
    ahead, later = (FIVE._replace(offset_s=F(seconds)) for seconds in (1, -1))
    clock = wall_clock(Timing(), [ahead, later])

    assert clock.length_s == 6
    assert [shown(clock, strip)[24] for strip in (ahead, later)] == [48, 0]
    assert has_ended(clock, ahead, F(4))
    assert not has_ended(clock, later, F(4))
    blank = wall_clock(Timing(end="blank"), [ahead, later])
    assert shown(blank, later)[:25] == [None] * 24 + [0]
    loop = wall_clock(Timing(end="loop"), [ahead, later])
    assert shown(loop, later)[0] == 96
    words = [pane_words(clock, strip) for strip in (ahead, later)]
    assert words == ["1.00 s ahead, held from 4.00 s", "1.00 s later"]


@pytest.mark.parametrize(("sync", "offset_s"), [("percent", 1), ("absolute", 5), ("absolute", -61)])
def test_an_offset_that_leaves_nothing_or_has_no_clock_is_refused(
    sync: Sync, offset_s: int
) -> None:
    with pytest.raises(BadInput, match="--offset"):
        wall_clock(Timing(sync), [FIVE._replace(offset_s=F(offset_s))])


def test_in_percent_all_clips_begin_and_end_together() -> None:
    clock = wall_clock(Timing("percent"), [FIVE, SIX])

    for strip in (FIVE, SIX):
        frames = shown(clock, strip)
        assert (frames[0], frames[-1]) == (0, round(strip.duration_s * strip.fps) - 1)
        assert progress(clock, strip, F(3)) == F(1, 2)


def test_in_phase_every_loop_is_at_the_same_place_of_its_window() -> None:
    walk = Strip(F(5), F(24), Window(F(1), F(2)))
    run = Strip(F(5), F(24), Window(F(1, 2), F(1)))
    clock = wall_clock(Timing("phase", least_s=F(4)), [walk, run])

    assert clock.round_s == 1
    assert clock.length_s == 4
    for quarter in range(16):
        at_s = F(quarter, 4)
        assert clip_moment_s(clock, walk, at_s) == 1 + F(quarter % 4, 4)
        assert clip_moment_s(clock, run, at_s) == F(1, 2) + F(quarter % 4, 8)
        assert progress(clock, walk, at_s) == progress(clock, run, at_s) == F(quarter % 4, 4)


def test_speed_changes_what_is_shown_and_for_how_long() -> None:
    half = wall_clock(Timing(speed=F(1, 2)), [FIVE])

    assert half.length_s == 10
    assert clip_moment_s(half, FIVE, F(4)) == 2


def test_a_still_picture_is_always_shown() -> None:
    still = Strip(F(0))
    clock = wall_clock(Timing(end="blank"), [still, FIVE])

    assert set(shown_moments(clock, still)) == {F(0)}
    assert not has_ended(clock, still, F(4))


def shown_moments(clock: Clock, strip: Strip) -> list[Fraction | None]:
    """Return the moment of a clip for each frame of the wall."""
    return [clip_moment_s(clock, strip, clock.moment_s(i)) for i in range(clock.frames)]


@pytest.mark.parametrize("sync", ["absolute", "percent", "phase"])
@pytest.mark.parametrize("end", ["hold", "loop"])
def test_no_moment_lies_outside_its_clip(sync: Sync, end: str) -> None:
    strips = [Strip(F(n, 7), F(24)) for n in (3, 10, 29)]
    clock = wall_clock(Timing(sync, end), strips)  # type: ignore[arg-type]

    for strip in strips:
        moments = shown_moments(clock, strip)
        assert all(at is not None and 0 <= at <= strip.duration_s for at in moments)


def test_stills_alone_make_no_wall() -> None:
    with pytest.raises(BadInput, match="nothing to play"):
        wall_clock(Timing(), [Strip(F(0))])


def test_a_wall_of_an_hour_is_refused_with_what_to_lower() -> None:
    with pytest.raises(BadInput, match="--fps"):
        wall_clock(Timing(length_s=F(3600)), [FIVE])


@pytest.mark.parametrize("window", [Window(F(4), F(9)), Window(F(2), F(2)), Window(F(6), F(7))])
def test_a_window_that_is_not_in_its_clip_is_refused(window: Window) -> None:
    with pytest.raises(BadInput, match="--window"):
        wall_clock(Timing("phase"), [FIVE._replace(window=window)])


def test_the_line_of_a_wipe_starts_and_ends_in_the_middle_and_shows_both_clips() -> None:
    clock = wall_clock(Timing(), [FIVE])
    shares = [wipe_share(clock, F(i, 24)) for i in range(121)]

    assert shares[0] == pytest.approx(0.5)
    assert shares[-1] == pytest.approx(0.5)
    assert 0.05 < min(shares) < 0.15
    assert 0.85 < max(shares) < 0.95


@pytest.mark.parametrize("text", ["3x2", "3X2", "3×2", " 3x2 "])
def test_a_layout_is_columns_and_rows(text: str) -> None:
    assert parse_layout(text) == Layout(3, 2)


@pytest.mark.parametrize("text", ["", "3", "0x2", "3x", "x2", "3x2x1", "-1x2", "20x20"])
def test_anything_else_is_no_layout(text: str) -> None:
    with pytest.raises(BadInput, match="--layout"):
        parse_layout(text)


@pytest.mark.parametrize(
    ("panes", "ratio", "layout"),
    [
        (1, 16 / 9, "1x1"),
        (2, 16 / 9, "2x1"),
        (4, 16 / 9, "2x2"),
        (6, 16 / 9, "3x2"),
        (9, 16 / 9, "3x3"),
        (12, 16 / 9, "4x3"),
        (3, 9 / 16, "3x1"),
        (6, 9 / 16, "6x1"),
    ],
)
def test_a_usual_layout_is_about_the_shape_of_a_screen(
    panes: int, ratio: float, layout: str
) -> None:
    assert str(usual_layout(panes, ratio)) == layout


@pytest.mark.parametrize("panes", range(1, 65))
def test_a_usual_layout_holds_all_panes_and_has_no_empty_row(panes: int) -> None:
    layout = usual_layout(panes, 16 / 9)

    assert layout.places >= panes > layout.columns * (layout.rows - 1)


def test_more_panes_than_a_wall_can_have_are_refused() -> None:
    with pytest.raises(BadInput, match="64"):
        usual_layout(65, 1.0)


def test_panes_take_the_shape_of_most_clips() -> None:
    assert pane_ratio([(1280, 720), (1920, 1080), (720, 1280)]) == pytest.approx(16 / 9)
    assert pane_ratio([(720, 1280), (1280, 720)]) == pytest.approx(16 / 9)


@pytest.mark.parametrize(("columns", "wall_px"), list(product([1, 2, 3, 5], [960, 1280, 1919])))
def test_panes_fill_the_width_of_a_wall_and_do_not_pass_it(columns: int, wall_px: int) -> None:
    pane_px = pane_size_px(pane_width_px(wall_px, columns), 16 / 9)
    grid = lay_out(Layout(columns, 2), pane_px, 60, 20)

    assert wall_px - 4 * columns - 8 <= grid.width_px <= wall_px


def test_nothing_overlaps_and_everything_stands_on_even_pixels() -> None:
    grid = lay_out(Layout(3, 2), (333 // 2 * 2, 187 // 2 * 2), 61, 21)
    boxes = [*grid.panes, *grid.captions, grid.footer]

    assert all(side % 2 == 0 for box in boxes for side in box)
    assert (grid.width_px % 2, grid.height_px % 2) == (0, 0)
    for index, one in enumerate(boxes):
        assert one.left_px + one.width_px <= grid.width_px
        assert one.top_px + one.height_px <= grid.height_px
        assert not any(overlap(one, other) for other in boxes[index + 1 :])


def overlap(one: Box, other: Box) -> bool:
    """Tell whether two boxes have a pixel in common."""
    return (
        one.left_px < other.left_px + other.width_px
        and other.left_px < one.left_px + one.width_px
        and one.top_px < other.top_px + other.height_px
        and other.top_px < one.top_px + one.height_px
    )


def test_a_wall_too_large_for_players_is_refused() -> None:
    with pytest.raises(BadInput, match=str(LONGEST_SIDE_PX)):
        lay_out(Layout(8, 1), (640, 360), 60, 20)


@pytest.mark.parametrize("size_px", [(1920, 1080), (720, 1280), (3, 4000), (4000, 3), (101, 99)])
def test_a_picture_is_shown_whole_and_centred_whatever_its_shape(size_px: tuple[int, int]) -> None:
    pane = Box(10, 20, 320, 180)
    box = letterbox(pane, size_px)

    assert all(side % 2 == 0 for side in box)
    assert box.left_px >= pane.left_px
    assert box.top_px >= pane.top_px
    assert box.width_px == pane.width_px or box.height_px == pane.height_px
    left, right = box.left_px - 10, 330 - box.left_px - box.width_px
    assert abs(left - right) <= 2


def test_text_is_broken_at_spaces_and_inside_words_that_are_too_long() -> None:
    assert wrap("one two three", 7, len, 3) == ("one two", "three")
    assert wrap("incomprehensible", 6, len, 9) == ("incomp", "rehens", "ible")
    assert wrap("", 7, len, 2) == ()


def test_text_that_is_cut_ends_in_an_ellipsis_and_fits() -> None:
    lines = wrap("one two, three four five", 8, len, 1)

    assert lines == ("one two…",)


@pytest.mark.parametrize("width", range(1, 30))
def test_no_line_is_wider_than_its_room(width: int) -> None:
    lines = wrap("The knight walks in place, sideviewcameralocked.", width, len, 3)

    assert all(len(line) <= width for line in lines)
    assert len(lines) <= 3


def test_the_wall_says_what_it_did_to_lengths_and_rates() -> None:
    slow = Strip(F(49, 8), F(8))
    clock = wall_clock(Timing(), [FIVE, slow])

    assert footer_words(clock, [FIVE, slow]) == (
        "One clock for all",
        "lengths 5.00–6.12 s: shorter ones hold their last frame",
        "8, 24 fps shown at 24 fps",
    )
    assert pane_words(clock, FIVE) == "held from 5.00 s"
    assert pane_words(clock, slow) == ""
    assert length_words(slow) == "6.12 s at 8 fps"


def test_percent_and_phase_tell_the_speed_of_each_clip() -> None:
    percent = wall_clock(Timing("percent"), [FIVE, SIX])
    looped = FIVE._replace(window=Window(F(1), F(2)))
    phase = wall_clock(Timing("phase"), [looped, SIX])

    assert pane_words(percent, FIVE) == "at 0.83× speed"
    assert pane_words(percent, SIX) == ""
    assert pane_words(phase, looped) == "loop 1.00–2.00 s at 0.17× speed"


@pytest.mark.parametrize("sync", ["percent", "phase"])
def test_nothing_is_said_of_what_is_as_it_was(sync: Sync) -> None:
    clock = wall_clock(Timing(sync), [FIVE])

    assert footer_words(clock, [FIVE])[1:] in {
        ("length 5.00 s", "24 fps"),
        ("round of 5.00 s", "24 fps"),
    }
    assert pane_words(clock, FIVE) == ""


def test_a_pane_is_called_by_number_name_or_the_only_preset_of_its_kind() -> None:
    names, aliases = ["abc1", "abd2", "xyz3"], ["kling", "kling", "veo"]

    assert pane_named("2", names) == 1
    assert pane_named("xyz", names) == 2
    assert pane_named("veo", names, aliases) == 2
    for written in ("ab", "kling", "9", ""):
        with pytest.raises(BadInput, match="pane"):
            pane_named(written, names, aliases)


def test_a_window_is_a_pane_and_two_moments() -> None:
    assert parse_window("ab=c=0.5-1.46") == ("ab=c", Window(F(1, 2), F(73, 50)))
    for wrong in ("abc", "abc=1", "abc=2-1", "abc=1-1", "=1-2"):
        with pytest.raises(BadInput, match="--window"):
            parse_window(wrong)


def test_an_offset_is_seconds_of_one_pane_or_of_all() -> None:
    assert parse_offset("ab=c=-0.5") == ("ab=c", F(-1, 2))
    assert parse_offset("1.5") == ("", F(3, 2))
    for wrong in ("abc", "abc=", "=1", "abc=1-2"):
        with pytest.raises(BadInput, match="--offset"):
            parse_offset(wrong)


def test_the_loop_that_the_sprite_lab_found_is_taken_and_nonsense_is_not() -> None:
    record = {"loop": {"start_s": "0.5", "length_s": "0.96"}}

    assert found_window(record) == Window(F(1, 2), F(73, 50))
    others: tuple[object, ...] = ({}, {"loop": None}, [], None, {"loop": {"start_s": "x"}})
    for other in others:
        assert found_window(other) is None


def test_the_command_names_only_what_is_not_usual() -> None:
    assert wall_command(["latest"]) == "fal-exp wall latest"


def test_the_command_says_every_wish() -> None:
    filters = Filters(("a", "b"), ("walk",), (7,), ("plate",), (), "prompts", "presets", True)
    wish = Wish(
        layout=Layout(3, 2),
        sync="phase",
        end="loop",
        fps=12,
        pane_px=480,
        duration_s=F(5, 2),
        speed=F(1, 2),
        captions=False,
        audio="2",
        windows=(("2", Window(F(1, 2), F(3, 2))),),
        offsets=(("", F(1)), ("2", F(-1, 2))),
    )

    assert wall_command(["my batch"], filters, wish, "a.gif") == (
        "fal-exp wall 'my batch' --preset a --preset b --prompt walk --seed 7 --input plate "
        "--rows prompts --columns presets --with-gaps --layout 3x2 --sync phase --end loop "
        "--fps 12 --pane 480 --duration 2.5 --speed 0.5 --no-captions --audio 2 "
        "--window 2=0.5-1.5 --offset 1 --offset 2=-0.5 --out a.gif"
    )
    assert wall_command([], wish=Wish(wipe=("a", "b"))) == "fal-exp wall --wipe a b"
