"""Each odd file ends in a typed result, in its own process; no damaged one is called sound."""

import asyncio
from collections.abc import Callable, Iterator
from math import ceil, sqrt
from pathlib import Path

import pytest
from PIL import Image, ImageSequence

from fal_experiments.core.derived import PARTS, Derived
from fal_experiments.core.metrics import CLIP_METRICS
from fal_experiments.core.sprite import SpriteOrder, SpriteRecord
from fal_experiments.core.wall_grid import Layout
from fal_experiments.core.wall_wish import Wish
from fal_experiments.core.wall_words import Caption
from fal_experiments.errors import DownloadFailed
from fal_experiments.media.child import Child, process_context
from fal_experiments.media.sprite.jobs import SpriteJob, make_sprites
from fal_experiments.media.wall import make_wall
from fal_experiments.media.wall_made import PaneMade
from fal_experiments.media.wall_panes import PaneSource
from fal_experiments.media.workers import Limits, MediaPool
from tests.media.odd.corpus import CORPUS, Odd
from tests.media.odd.rooms import DERIVE, SHA, Weighed

LIMITS = Limits(wall_s=60, cpu_s=30)
SPRITE_LIMITS = Limits(wall_s=60, cpu_s=5)
"""Full-size frames of 8K as PNG, three times over, take 10 s each."""
USUAL_MIB = 512
"""What 8K needs too; the limit of a process is four times that."""

each = pytest.mark.parametrize("odd", [pytest.param(odd, id=name) for name, odd in CORPUS.items()])


class Shelf:
    """The corpus on disk; each file is made when it is first asked for."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def path(self, odd: Odd) -> Path:
        """Return the file."""
        path = self.folder / odd.name
        if not path.exists():
            odd.make(path)
        return path


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Shelf:
    """A folder for the odd files."""
    return Shelf(tmp_path_factory.mktemp("odd"))


@pytest.fixture(scope="module")
def pool() -> Iterator[MediaPool]:
    """A pool of two."""
    with MediaPool(workers=2, limits=LIMITS) as pool:
        yield pool


@pytest.fixture
def weighed(corpus: Shelf, tmp_path: Path) -> Callable[[Odd], Weighed]:
    """Return what makes every part of a file, in a process of its own."""

    def derive(odd: Odd) -> Weighed:
        arguments = (corpus.path(odd), tmp_path, LIMITS)
        answer: Weighed = Child(process_context(), DERIVE, arguments, LIMITS).answer()
        return answer

    return derive


@each
def test_the_check_says_what_it_is_or_what_is_wrong(
    odd: Odd, corpus: Shelf, pool: MediaPool
) -> None:
    try:
        verdict = asyncio.run(pool.check(corpus.path(odd))).media_type
    except DownloadFailed as exc:
        verdict = exc.kind

    assert verdict == odd.verdict


@each
def test_what_can_be_shown_of_it_is_shown_and_the_rest_is_told(
    odd: Odd, weighed: Callable[[Odd], Weighed], tmp_path: Path
) -> None:
    derived, peak_mib = weighed(odd)

    assert peak_mib < USUAL_MIB
    if odd.shown is None:
        assert derived.failed is not None
        assert odd.why in derived.failed
        assert {path.name for path in tmp_path.iterdir()} == {"derived.json"}
        return
    assert derived.failed is None
    assert derived.probe is not None
    probe = derived.probe
    assert (probe.frames, probe.width_px, probe.height_px) == odd.shown
    assert (derived.damage is None) == odd.is_sound
    assert odd.why in (derived.damage or "")
    _assert_files_are_as_told(derived, tmp_path)
    _assert_each_measurement_has_a_value_or_a_reason(derived)


def _assert_files_are_as_told(derived: Derived, folder: Path) -> None:
    parts = {part: picture for part in PARTS if (picture := derived.picture_of(part))}
    assert set(parts) == ({"poster"} if "still" in _kind(derived) else set(PARTS))
    for part, picture in parts.items():
        path = folder / picture.file
        assert path.stat().st_size == picture.size_bytes
        if part != "proxy":
            with Image.open(path) as image:
                assert image.size == (picture.width_px, picture.height_px)
                for frame in ImageSequence.Iterator(image):
                    frame.load()


def _kind(derived: Derived) -> str:
    return "still" if derived.probe is not None and derived.probe.duration_s == 0 else "moving"


def _assert_each_measurement_has_a_value_or_a_reason(derived: Derived) -> None:
    assert derived.measures is not None
    for metric in CLIP_METRICS:
        why = derived.measures.why(metric.name)
        assert (derived.measures.value(metric.name) is None) == bool(why), metric.name
        assert "version that made this record" not in why, metric.name


@pytest.fixture(scope="module")
def panes(
    corpus: Shelf, plain: Path, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, PaneMade]:
    """What became of the panes of one wall of all files, with a sound clip at both ends."""
    files = {"first": plain, **{n: corpus.path(o) for n, o in CORPUS.items()}, "last": plain}
    sources = [PaneSource(name, Caption(name), path) for name, path in files.items()]
    columns = ceil(sqrt(len(sources)))
    wish = Wish(Layout(columns, columns), fps=6, pane_px=64, captions=False)
    target = tmp_path_factory.mktemp("wall") / "wall.mp4"
    wall = make_wall(sources, wish, target, lambda *_: None, limits=LIMITS)
    return {pane.name: pane for pane in wall.panes}


@each
def test_on_a_wall_it_costs_its_own_pane_at_most(odd: Odd, panes: dict[str, PaneMade]) -> None:
    pane = panes[odd.name]

    if odd.shown is None:
        assert pane.strip is None
    assert (pane.problem == "") == (odd.is_sound and odd.shown is not None and not odd.moves)


def test_on_a_wall_of_odd_files_the_sound_ones_play(panes: dict[str, PaneMade]) -> None:
    for name in ("first", "last"):
        assert panes[name].problem == ""
        assert panes[name].strip is not None


@each
def test_of_two_only_sound_ones_are_called_alike(
    odd: Odd, corpus: Shelf, plain: Path, pool: MediaPool
) -> None:
    path = corpus.path(odd)
    likeness, pair = pool.compare(path, path).result(), pool.measure_pair(plain, path).result()

    if odd.is_sound and odd.shown is not None:
        assert (likeness.verdict, likeness.failed) == ("identical", None)
    else:
        assert likeness.verdict is None
        assert odd.why in (likeness.failed or "")
        assert pair.failed is not None
    assert (pair.failed is None) == bool(pair.values)


@pytest.fixture(scope="module")
def sprites(corpus: Shelf, tmp_path_factory: pytest.TempPathFactory) -> dict[str, SpriteRecord]:
    """What became of a sprite of each file, all asked for at once."""
    folder = tmp_path_factory.mktemp("sprites")
    blank = SpriteRecord(asset_sha256=SHA, order=SpriteOrder(frames=4))
    jobs = [
        SpriteJob(name, corpus.path(odd), None, folder / name, blank)
        for name, odd in CORPUS.items()
    ]
    return {job.key: record for job, record in make_sprites(jobs, SPRITE_LIMITS)}


@each
def test_a_sprite_is_made_of_it_or_it_is_told_why_not(
    odd: Odd, sprites: dict[str, SpriteRecord]
) -> None:
    record = sprites[odd.name]

    if odd.is_picture:
        assert record.failed is not None
        return
    if record.failed is None:
        assert record.frames > 0
        assert (record.loop is None) == bool(record.no_loop)
        assert odd.is_sound or odd.why in " ".join(record.notes)
        assert all(reading.value is None or not reading.why_not
                   for reading in record.readings.values())  # fmt: skip
    elif odd.name == "8k.mp4":
        assert record.failed == "it took more than 5 s of processor time"
    else:
        assert odd.why in record.failed
