"""What the report shows of sprites: the best first, links that exist, faults in colour."""

from fal_experiments.core.sprite import Loop, SpriteFile, SpriteRecord, read
from fal_experiments.core.sprite_panel import FoundSprite, sprite_views

FILES = ("sheet.png", "sheet.json", "loop.gif", "loop.webp", "raw/0001.png")


def found(seam: float, **changes: object) -> FoundSprite:
    record = SpriteRecord(
        asset_sha256="a",
        loop=Loop(
            first_frame=6, end_frame=30, start_s="0.25", length_s=1, found_by="period", steps=2
        ),
        key_colour="#d9d6ce",
        readings=read({"seam": seam, "foot_slide_px": 0.3, "baseline_drift_px_s": 0.0}),
        frame_width_px=300,
        frame_height_px=580,
        files=tuple(SpriteFile(file=name, size_bytes=1, sha256="b") for name in FILES),
    )
    return FoundSprite("walk × m", "../cells/c/1/sprite/", record.model_copy(update=changes))


def test_the_best_sprite_comes_first_with_its_loop_and_its_files() -> None:
    views = sprite_views({"worse": found(1.8), "best": found(1.0)})

    assert [view.cell for view in views] == ["best", "worse"]
    best, worse = views
    assert (best.verdict, best.tone, worse.tone) == ("ready", "good", "warn")
    assert best.loop is not None
    assert best.loop.href == "../cells/c/1/sprite/loop.webp"
    assert (best.loop.width_px, best.loop.height_px) == (300, 580)
    assert [link.label for link in best.links] == ["sheet", "atlas", "GIF", "WebP", "folder"]
    assert {line.label: line.value for line in best.lines}["seam"] == "1.00 ×"
    assert {line.label: line.tone for line in worse.lines}["seam"] == "warn"
    assert best.lines[0].note == "24 frames from 0.25 s"


def test_a_clip_without_a_loop_has_no_picture_and_says_why() -> None:
    (view,) = sprite_views({"c": found(1.0, loop=None, no_loop="no pose comes back", files=())})

    assert view.loop is None
    assert view.words == "no pose comes back"
    assert [link.label for link in view.links] == ["folder"]
