"""A blind test: what the bundle tells, what is sealed, and that one fits the other. Pure.

The bundle has random names for clips, presets (`contestants`) and rows. The key says what they
are. The bundle publishes the SHA-256 of the key's file, so that nobody can change what a name
meant after the votes are in; the key holds a secret, so that nobody can find it by trying.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Literal, NamedTuple

from pydantic import Field as Limited

from fal_experiments.core.blind_draw import Draw
from fal_experiments.core.blind_rows import REPEAT_EVERY, Field, Kind
from fal_experiments.core.model import Record, worded

BundleId = Annotated[str, worded(r"[0-9a-f]{8}", "the id of a bundle: 8 hexadecimal digits")]
ClipName = Annotated[str, worded(r"[0-9a-f]{12}", "the name of a clip: 12 hexadecimal digits")]
Sha256 = Annotated[str, worded(r"[0-9a-f]{64}", "a SHA-256: 64 hexadecimal digits")]


class SealedClip(Record):
    """What a clip's name stands for."""

    cell: str
    preset: str
    sha256: str
    """Of the clip as the provider made it."""


class SealedRow(Record):
    """Clips that may meet."""

    prompt: str
    clips: tuple[ClipName, ...]


class BlindKey(Record):
    """The key: kept in the batch's folder, never in the bundle."""

    v: Literal[1] = 1
    bundle: BundleId
    secret: Sha256
    """256 bits of chance, in hexadecimal digits."""
    made_at: datetime
    batch: str
    plan_sha256: str
    kind: Kind
    clips: dict[ClipName, SealedClip]
    contestants: dict[str, str]
    """Which preset each code in the bundle's data stands for."""
    rows: dict[str, SealedRow]


class OpenRow(NamedTuple):
    """A row as the bundle tells it: `clips` and `contestants` are parallel, in random order."""

    row: str
    prompt: int
    clips: tuple[str, ...]
    contestants: tuple[str, ...]


class Deal(NamedTuple):
    """A key, and what the bundle may say."""

    key: BlindKey
    rows: tuple[OpenRow, ...]
    contestants: tuple[str, ...]
    prompts: tuple[str, ...]
    """The texts, in random order."""
    shuffle: int
    """Where the page's own chance begins: it decides which ballot comes when."""


class Origin(NamedTuple):
    """Where a bundle comes from; all of it goes into the key only."""

    batch: str
    plan_sha256: str
    asset_sha256s: Mapping[str, str]
    """Of each cell's clip."""
    made_at: datetime


def deal(field: Field, kind: Kind, origin: Origin, secret: bytes, seed: int | None) -> Deal:
    """Give everything a random name and a random order.

    `seed` fixes nothing but the order in which ballots come; names always follow from `secret`.
    """
    draw = Draw(secret)
    bundle = draw.name(8)
    presets = draw.shuffled(field.presets)
    codes = {preset: draw.name(6) for preset in presets}
    names = {cell: draw.name(12) for cell in draw.shuffled(list(field.cells))}
    texts = draw.shuffled(list(dict.fromkeys(row.prompt_text for row in field.rows)))
    rows, sealed = [], {}
    for row in draw.shuffled(field.rows):
        cells = draw.shuffled(row.cells)
        code = draw.name(4)
        clips = tuple(names[cell.cell_id] for cell in cells)
        contestants = tuple(codes[cell.at.preset] for cell in cells)
        rows.append(OpenRow(code, texts.index(row.prompt_text), clips, contestants))
        sealed[code] = SealedRow(prompt=row.prompt, clips=clips)
    key = BlindKey(
        bundle=bundle,
        secret=secret.hex(),
        made_at=origin.made_at,
        batch=origin.batch,
        plan_sha256=origin.plan_sha256,
        kind=kind,
        clips={
            names[id_]: SealedClip(
                cell=id_, preset=cell.at.preset, sha256=origin.asset_sha256s[id_]
            )
            for id_, cell in field.cells.items()
        },
        contestants={code: preset for preset, code in codes.items()},
        rows=sealed,
    )
    shuffle = draw.below(2**32) if seed is None else seed % 2**32
    return Deal(key, tuple(rows), tuple(codes.values()), tuple(texts), shuffle)


class ClipView(Record):
    """A clip as the page shows it."""

    file: str
    width_px: int
    height_px: int
    fps: float
    duration_s: float
    has_sound: bool


class BlindView(Record):
    """Everything that the bundle says. Nothing else may go into its page or data."""

    bundle: BundleId
    kind: Kind
    most_shown: Annotated[int, Limited(ge=2, le=4)]
    key_sha256: Sha256
    shuffle: int
    ballots: int
    repeat_every: int = REPEAT_EVERY
    is_sandbox: bool
    combinations: int
    without_clip: int
    alone: int
    made_alike: bool
    notes: tuple[str, ...]
    """What was done to the clips, and what can still tell them apart."""
    prompts: tuple[str, ...]
    contestants: tuple[str, ...]
    rows: tuple[OpenRow, ...]
    clips: dict[str, ClipView]
