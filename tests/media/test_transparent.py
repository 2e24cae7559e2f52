"""What is clear in a clip is clear in its previews, and shown on grey where there is no clear."""

from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from PIL import Image, ImageSequence

from fal_experiments.core.derived import Moving, Recipe
from tests.media.clips import moving_frames, pixels_of
from tests.media.rendering import derive

RECIPE = Recipe(tile_width_px=64, gif=Moving(width_px=64), webp=Moving(width_px=64))


def figures(count: int) -> list[Any]:
    """Return frames of an orange disc that wanders over a clear ground, which hides green."""
    y, x = np.mgrid[0:96, 0:128]
    frames = []
    for index in range(count):
        frame = np.zeros((96, 128, 4), np.uint8)
        frame[..., 1] = 255
        disc = (x - 34 - index * 4) ** 2 + (y - 48) ** 2 < 26**2
        frame[disc] = (240, 140, 20, 255)
        frames.append(frame)
    return frames


def write_vp9(path: Path, frames: list[Any]) -> Path:
    """Write a WebM whose transparency stands beside each block, as VP9 keeps it."""
    with av.open(str(path), "w") as container:
        stream: Any = container.add_stream("libvpx-vp9", rate=12)
        stream.height, stream.width = frames[0].shape[:2]
        stream.pix_fmt = "yuva420p"
        stream.options = {"crf": "10", "b": "0", "cpu-used": "8", "auto-alt-ref": "0"}
        stream.metadata["alpha_mode"] = "1"
        for index, pixels in enumerate(frames):
            frame = av.VideoFrame.from_ndarray(pixels, format="rgba")
            frame.pts = index
            container.mux(stream.encode(frame.reformat(format="yuva420p")))
        container.mux(stream.encode(None))
    return path


def write_animation(path: Path, frames: list[Any]) -> Path:
    """Write frames as GIF, WebP, PNG or AVIF, 80 ms each."""
    pictures = [Image.fromarray(frame) for frame in frames]
    options: dict[str, Any] = {"disposal": 2} if path.suffix == ".gif" else {}
    if path.suffix == ".webp":
        options = {"lossless": True}
    pictures[0].save(
        path, save_all=True, append_images=pictures[1:], duration=80, loop=0, **options
    )
    return path


def alphas(path: Path) -> list[Any]:
    """Return the opacity of each frame of a preview."""
    with Image.open(path) as picture:
        frames = [frame.convert("RGBA") for frame in ImageSequence.Iterator(picture)]
    return [np.asarray(frame)[..., 3] for frame in frames]


@pytest.fixture(params=["vp9.webm", "moving.webp", "moving.gif", "moving.png", "moving.avif"])
def clear_clip(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """A clear clip of six frames in each format that there is."""
    path = tmp_path / str(request.param)
    write = write_vp9 if path.suffix == ".webm" else write_animation
    return write(path, figures(6))


def test_previews_are_clear_where_the_clip_is(clear_clip: Path, tmp_path: Path) -> None:
    derived = derive(clear_clip, tmp_path / "out", RECIPE)

    assert derived.failed is None
    for name in ("preview.gif", "preview.webp"):
        shown = alphas(tmp_path / "out" / name)
        assert len(shown) >= 5
        for index in (0, len(shown) - 1):
            assert shown[index][24, 17 + 2 * index] == 255, name
            assert shown[index][2, 2] == 0, name
            assert shown[index][24, 62] == 0, name


def test_the_hidden_colour_of_clear_pixels_does_not_shine_out(
    clear_clip: Path, tmp_path: Path
) -> None:
    derive(clear_clip, tmp_path / "out", RECIPE)

    with Image.open(tmp_path / "out/preview.gif") as gif:
        pixels = np.asarray(gif.convert("RGBA")).astype(int)
    seen = pixels[pixels[..., 3] > 0]
    greener = seen[:, 1] - np.maximum(seen[:, 0], seen[:, 2])
    assert greener.max() < 60


def test_sheet_and_poster_show_it_on_grey(clear_clip: Path, tmp_path: Path) -> None:
    derive(clear_clip, tmp_path / "out", RECIPE)

    for name in ("poster.jpg", "sheet.jpg"):
        assert pixels_of(tmp_path / "out" / name)[2, 2].tolist() == pytest.approx([200] * 3, abs=6)


def test_a_clip_that_is_opaque_has_opaque_previews(plain: Path, tmp_path: Path) -> None:
    derive(plain, tmp_path, RECIPE)

    with Image.open(tmp_path / "preview.webp") as webp:
        assert webp.mode == "RGB"
    assert min(alpha.min() for alpha in alphas(tmp_path / "preview.gif")) == 255


@pytest.mark.parametrize("name", ["moving.webp", "moving.gif", "moving.png", "moving.avif"])
def test_a_picture_that_moves_has_a_sheet_with_its_times(tmp_path: Path, name: str) -> None:
    path = write_animation(tmp_path / name, moving_frames(6))

    derived = derive(path, tmp_path / "out", RECIPE.model_copy(update={"proxy_height_px": 96}))

    assert derived.probe is not None
    assert (derived.probe.frames, derived.probe.video_codec) == (6, path.suffix[1:])
    assert float(derived.probe.duration_s) == pytest.approx(0.48)
    assert derived.sheet is not None
    assert [float(at_s) for at_s in derived.sheet.times_s] == pytest.approx(
        [0, 0.08, 0.16, 0.24, 0.32, 0.4]
    )
    assert derived.proxy is not None


def test_a_moving_picture_that_is_cut_gives_the_frames_that_are_there(tmp_path: Path) -> None:
    path = write_animation(tmp_path / "moving.gif", moving_frames(6))
    path.write_bytes(path.read_bytes()[: path.stat().st_size * 2 // 3])

    derived = derive(path, tmp_path / "out", RECIPE)

    assert derived.failed is None
    assert derived.sheet is not None
    assert 1 <= len(derived.sheet.times_s) < 6


def test_a_still_picture_has_a_poster_only(tmp_path: Path) -> None:
    path = tmp_path / "still.webp"
    Image.fromarray(moving_frames(1)[0]).save(path)

    derived = derive(path, tmp_path / "out", RECIPE)

    assert derived.poster is not None
    assert (derived.sheet, derived.gif, derived.webp) == (None, None, None)
