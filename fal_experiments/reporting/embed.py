"""The files of a report as `data:` addresses: which, how large, and the model with them."""

import base64
import os
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import Literal, NamedTuple
from urllib.parse import unquote

from fal_experiments.core.hrefs import is_local_href
from fal_experiments.core.report_model import (
    CellView,
    InputView,
    PictureView,
    ReportModel,
    SheetView,
    SpriteView,
)

Kind = Literal["clips", "contact sheets", "posters", "loops", "input pictures"]
TYPES = {
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".png": "image/png",
    ".webp": "image/webp",
    ".gif": "image/gif",
    ".avif": "image/avif",
    ".mp4": "video/mp4",
    ".mov": "video/quicktime",
    ".webm": "video/webm",
}
"""By suffix. Anything else is not embedded."""
HOLLOW = "data:image/png;base64,"


class Embedding(NamedTuple):
    """A file that a report of one file carries."""

    kind: Kind
    path: Path
    media_type: str
    size_bytes: int
    uses: int
    """How often its address stands in the page."""

    @property
    def embedded_bytes(self) -> int:
        """How much room its addresses take."""
        return self.uses * (len(self._head) + 4 * ((self.size_bytes + 2) // 3))

    @property
    def _head(self) -> str:
        return f"data:{self.media_type};base64,"

    def address(self) -> str:
        """Return the file as an address. Raises: OSError."""
        return self._head + base64.b64encode(self.path.read_bytes()).decode()


class Embeddings:
    """The files that the links of a model mean, from the folder of its report."""

    def __init__(
        self, model: ReportModel, folder: Path, *, with_clips: bool, hollow: bool = False
    ) -> None:
        """`hollow`: addresses carry nothing, to see what the page takes itself."""
        self.found: dict[str, Embedding] = {}
        self.missing: list[str] = []
        """Links to files that are not there; what they would show is left out."""
        self._addresses: dict[str, str] = {}
        self._hollow = hollow
        for kind, href in _links(model):
            if (kind == "clips" and not with_clips) or href in self.missing:
                continue
            embedding = self.found.get(href) or _embedding(kind, href, folder)
            if embedding is None:
                self.missing.append(href)
                continue
            # the table without scripts shows posters too
            uses = embedding.uses + (2 if kind == "posters" else 1)
            self.found[href] = embedding._replace(uses=uses)

    def embedded_bytes(self, kind: Kind | None = None) -> int:
        """Return how much room all files take, or those of one kind."""
        return sum(each.embedded_bytes for each in self.found.values() if kind in {None, each.kind})

    def address(self, href: str | None) -> str | None:
        """Return the address that carries the file of a link; None where there is no such file."""
        if href is None or href not in self.found:
            return None
        if self._hollow:
            return HOLLOW
        if href not in self._addresses:
            self._addresses[href] = self.found[href].address()
        return self._addresses[href]

    def model(self, model: ReportModel) -> ReportModel:
        """Return the model with its pictures and clips in it, without links to other files."""
        return model.model_copy(
            update={
                "cells": tuple(map(self._cell, model.cells)),
                "inputs": tuple(map(self._input, model.inputs)),
                "sprites": tuple(map(self._sprite, model.sprites)),
                "details": tuple(d.model_copy(update={"links": ()}) for d in model.details),
                "files": (),
            }
        )

    def _cell(self, cell: CellView) -> CellView:
        return cell.model_copy(
            update={
                "folder_href": "",
                "poster": self._picture(cell.poster),
                "video_href": self.address(cell.video_href),
                "proxy_href": None,
                "sheet": self._sheet(cell.sheet),
            }
        )

    def _picture(self, picture: PictureView | None) -> PictureView | None:
        href = self.address(picture.href if picture else None)
        return picture.model_copy(update={"href": href}) if picture and href else None

    def _sheet(self, sheet: SheetView | None) -> SheetView | None:
        picture = self._picture(sheet.picture if sheet else None)
        return sheet.model_copy(update={"picture": picture}) if sheet and picture else None

    def _input(self, view: InputView) -> InputView:
        return view.model_copy(update={"picture": self._picture(view.picture)})

    def _sprite(self, view: SpriteView) -> SpriteView:
        return view.model_copy(update={"loop": self._picture(view.loop), "links": ()})


def _links(model: ReportModel) -> Iterator[tuple[Kind, str]]:
    for cell in model.cells:
        if cell.poster:
            yield "posters", cell.poster.href
        if cell.sheet:
            yield "contact sheets", cell.sheet.picture.href
        if cell.video_href:
            yield "clips", cell.video_href
    for view in model.inputs:
        if view.picture:
            yield "input pictures", view.picture.href
    for sprite in model.sprites:
        if sprite.loop:
            yield "loops", sprite.loop.href


def _embedding(kind: Kind, href: str, folder: Path) -> Embedding | None:
    media_type = TYPES.get(PurePosixPath(unquote(href)).suffix.lower())
    if media_type is None or not is_local_href(href):
        return None
    path = Path(os.path.normpath(folder / unquote(href)))
    try:
        return Embedding(kind, path, media_type, path.stat().st_size, uses=0)
    except OSError:
        return None
