"""How far a clip goes away from its first frame, and from the picture that it started from."""

import numpy as np
from PIL import Image

from fal_experiments.media.gauges.anchor import Aligned, align
from fal_experiments.media.gauges.findings import Findings, last_quarter
from fal_experiments.media.gauges.looks import Distance, Look, distance, look_of

KINDS = Distance._fields
START_NAMES = tuple(f"start_{kind}" for kind in KINDS)
ANCHOR_NAMES = ("first_frame_fidelity", "first_frame_shift", *(f"anchor_{kind}" for kind in KINDS))


class IdentityGauge:
    """Collects how some frames look, beside the first of them and beside an input picture."""

    def __init__(self, anchor: Image.Image | None, no_anchor: str) -> None:
        """Get ready; `no_anchor` says why there is no input picture."""
        self._picture = anchor
        self._no_anchor = no_anchor
        self._times_s: list[float] = []
        self._start: Look | None = None
        self._aligned: Aligned | None = None
        self._anchor: Look | None = None
        self._from_start: list[Distance] = []
        self._from_anchor: list[Distance] = []

    def offer(self, at_s: float, picture: Image.Image) -> None:
        """Look at the next frame, small, in RGB; the first one must be the clip's first."""
        self._times_s.append(at_s)
        look = look_of(picture)
        if self._start is None:
            self._start = look
            if self._picture is not None:
                self._aligned = align(self._picture, picture)
                self._anchor = look_of(self._aligned.picture.crop(self._aligned.box))
        else:
            self._from_start.append(distance(self._start, look))
        if self._anchor is not None and self._aligned is not None:
            shown = look_of(picture.crop(self._aligned.box))
            self._from_anchor.append(distance(self._anchor, shown))

    def findings(self) -> Findings:
        """Return what was found."""
        found = Findings()
        if self._from_start:
            _put(found, "start", self._times_s[1:], self._from_start)
        else:
            found.lack(START_NAMES, "it has one frame only")
        if self._aligned is None:
            found.lack(ANCHOR_NAMES, self._no_anchor)
            return found
        found.put("first_frame_fidelity", self._aligned.fidelity)
        found.put("first_frame_shift", self._aligned.shift)
        _put(found, "anchor", self._times_s, self._from_anchor)
        return found


def _put(found: Findings, against: str, times_s: list[float], distances: list[Distance]) -> None:
    for kind in KINDS:
        values = [float(getattr(each, kind)) for each in distances]
        found.put(f"{against}_{kind}", float(np.median(last_quarter(values))))
        found.put_course(f"{against}_{kind}", times_s, values)
