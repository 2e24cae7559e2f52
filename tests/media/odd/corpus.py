"""Odd and hostile files, and what is to become of each."""

import json
from collections.abc import Iterator
from typing import NamedTuple

from tests.media.clips import AV1, QUIET_X265, VP9, Encoding, write_sound
from tests.media.odd.making import (
    X264,
    Make,
    animation,
    copied,
    cut,
    encoded,
    flipped,
    framed,
    one_colour,
    picture,
    spoilt,
    two_streams,
    without,
    written,
)

FOURS = ("-pix_fmt", "yuv420p")
X265 = ("-c:v", "libx265", "-pix_fmt", "yuv420p10le", "-x265-params", "log-level=none")
BT2020 = ("-color_primaries", "bt2020", "-colorspace", "bt2020nc", "-color_trc")
VARIABLE = Encoding(starts=[0, 1, 5, 6, 7, 20, 21, 40])


class Odd(NamedTuple):
    """A file, what the check says of it, and what can be shown of it."""

    name: str
    make: Make
    verdict: str
    """A media type, or which kind of wrong."""
    shown: tuple[int, int, int] | None = None
    """Frames, width and height that a viewer sees; None: nothing."""
    why: str = ""
    """Words of the reason why nothing of it can be shown, or not all."""

    @property
    def is_sound(self) -> bool:
        """True when the check accepts it."""
        return "/" in self.verdict

    @property
    def is_picture(self) -> bool:
        """True for what is no clip even when it is whole."""
        return not self.name.endswith((".mp4", ".webm", ".mov"))

    @property
    def moves(self) -> bool:
        """True for a picture of several frames."""
        return "moving" in self.name


def _sound_clips() -> Iterator[Odd]:
    mp4, webm = "video/mp4", "video/webm"
    yield Odd("variable.mp4", framed(VARIABLE, 8), mp4, (8, 128, 96))
    for degrees, size in ((90, (96, 128)), (180, (128, 96)), (270, (96, 128))):
        turned = copied(before=("-display_rotation", str(degrees)))
        yield Odd(f"turned-{degrees}.mp4", turned, mp4, (24, *size))
    yield Odd("odd-size.webm", framed(VP9, size_px=(333, 241)), webm, (24, 333, 241))
    yield Odd("two-pixels.mp4", encoded(*X264, *FOURS, size="2x2"), mp4, (24, 2, 2))
    yield Odd("line.mp4", encoded(*X264, *FOURS, size="2000x16"), mp4, (24, 2000, 16))
    wide = encoded(*X264, *FOURS, filters=("setsar=4/3",))
    yield Odd("wide-pixels.mp4", wide, mp4, (24, 171, 96))
    yield Odd("hevc-10-bit.mp4", encoded(*X265), mp4, (24, 128, 96))
    yield Odd("hevc.mp4", framed(QUIET_X265), mp4, (24, 128, 96))
    yield Odd("av1.mp4", framed(AV1), mp4, (24, 128, 96))
    clear = ("-c:v", "libvpx-vp9", "-cpu-used", "8", "-auto-alt-ref", "0", "-pix_fmt", "yuva420p")
    fading = ("format=yuva420p", "fade=in:0:12:alpha=1")
    yield Odd("vp9-alpha.webm", encoded(*clear, filters=fading), webm, (24, 128, 96))
    yield Odd("pq.mp4", encoded(*X265, *BT2020, "smpte2084"), mp4, (24, 128, 96))
    yield Odd("hlg.mp4", encoded(*X265, *BT2020, "arib-std-b67"), mp4, (24, 128, 96))
    yield Odd("prores.mov", encoded("-c:v", "prores_ks"), "video/quicktime", (24, 128, 96))
    yield Odd("rgb.mp4", encoded("-c:v", "libx264rgb"), mp4, (24, 128, 96))
    yield Odd("one-frame.mp4", framed(count=1), mp4, (1, 128, 96))
    yield Odd("two-streams.mp4", two_streams("128x96", "256x192"), mp4, (24, 128, 96))
    yield Odd("edit-list.mp4", copied(before=("-ss", "0.4")), mp4, (14, 128, 96))
    yield Odd("starts-late.mp4", copied("-output_ts_offset", "500"), mp4, (24, 128, 96))
    vast = encoded(*X264, *FOURS, size="7680x4320", frames=2)
    yield Odd("8k.mp4", vast, mp4, (2, 7680, 4320))
    many = encoded(*X264, *FOURS, size="16x16", frames=3100)
    yield Odd("many-frames.mp4", many, mp4, None, "more than 3,000 frames")
    latin = spoilt(lambda data: data.replace(b"VideoHandler", b"Vid\xe9oHandler"))
    yield Odd("latin-1.mp4", latin, mp4, (24, 128, 96))
    heard = framed(Encoding(sound=True))
    untold = spoilt(lambda d: d.replace(b"mp4a", b"zzzz").replace(b"esds", b"zzzz"), heard)
    yield Odd("untold-sound.mp4", untold, mp4, (24, 128, 96))


def _spoilt_clips() -> Iterator[Odd]:
    last, gone = framed(), "not_playable"
    yield Odd(
        "cut-index-first.mp4", spoilt(cut(0.7)), "truncated", (8, 128, 96), "bytes are missing"
    )
    yield Odd("cut-index-last.mp4", spoilt(cut(0.7), last), gone, None, "index is missing")
    yield Odd("index-lacks-its-end.mp4", spoilt(lambda d: d[:-60], last), "truncated",
              (24, 128, 96), "60 bytes are missing")  # fmt: skip
    yield Odd("no-index.mp4", spoilt(without(b"moov")), gone, None, "index is missing")
    yield Odd("no-frames.mp4", spoilt(without(b"mdat")), "truncated", None, "0 of 24 frames")
    flips = flipped(b"mdat", skipped=900, every=97)
    yield Odd("flips.mp4", spoilt(flips), "damaged", (23, 128, 96), "frames are not intact")
    index = flipped(b"moov", skipped=200, every=11)
    yield Odd("flips-in-index.mp4", spoilt(index), "no_video", None, "no video in it")
    yield Odd("cut.webm", spoilt(cut(0.5), framed(VP9)), "truncated", (3, 128, 96), "cut off")
    beyond = encoded(*X264, *FOURS, size="8192x4352", frames=1)
    yield Odd("beyond-8k.mp4", beyond, "too_large", None, "more than the limit")
    yield Odd("sound-only.mp4", write_sound, "no_video", None, "only sound")


def _no_clips() -> Iterator[Odd]:
    page = "<!DOCTYPE html><html><head><title>403 Forbidden</title></head></html>"
    yield Odd("empty.mp4", written(b""), "empty_file", None, "0 bytes")
    yield Odd("page.mp4", written(page), "not_media", None, "403 Forbidden")
    answer = json.dumps({"detail": "Signature expired"})
    yield Odd("answer.mp4", written(answer), "not_media", None, "JSON")
    script = "ffconcat version 1.0\nfile 'one-frame.mp4'\n"
    yield Odd("script.mp4", written(script), "not_media", None, "text, not media")
    playlist = "#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\none-frame.mp4\n#EXT-X-ENDLIST\n"
    yield Odd("playlist.mp4", written(playlist), "not_media", None, "text, not media")


def _pictures() -> Iterator[Odd]:
    for form in ("PNG", "JPEG", "WEBP", "GIF", "AVIF"):
        kind = form.lower()
        yield Odd(f"still.{kind}", picture(form), f"image/{kind}", (1, 128, 96))
        spoil = "truncated" if form in {"PNG", "JPEG", "GIF"} else "damaged"
        if form == "AVIF":
            spoil = "not_playable"
        halved = spoilt(cut(0.6), picture(form))
        yield Odd(f"cut-still.{kind}", halved, spoil, None)
    for form in ("PNG", "WEBP", "GIF", "AVIF"):
        kind = form.lower()
        yield Odd(f"moving.{kind}", animation(form), f"image/{kind}", (6, 128, 96))
    cut_gif = spoilt(cut(0.7), animation("GIF"))
    yield Odd("cut-moving.gif", cut_gif, "truncated", (4, 128, 96), "cut off")
    cut_png = spoilt(cut(0.7), animation("PNG"))
    yield Odd("cut-moving.png", cut_png, "truncated", (4, 128, 96), "cut off")
    yield Odd("bomb.png", one_colour("PNG", "1", (20_000, 20_000)), "too_large", None, "pixels")
    yield Odd("bomb.gif", one_colour("GIF", "P", (16_000, 16_000)), "too_large", None, "pixels")


CORPUS = {odd.name: odd for each in (_sound_clips, _spoilt_clips, _no_clips, _pictures)
          for odd in each()}  # fmt: skip
