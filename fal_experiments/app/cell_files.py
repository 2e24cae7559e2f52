"""What lies in the folder of an attempt besides the clip: headers and scores, read for the report.

A file that is missing or damaged is as good as none: the report says what there is, and links the
file itself.
"""

import json
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from fal_experiments.core.derived import Derived
from fal_experiments.core.metric_scores import KeptScores, Score

SCORES_FILE = "metrics.json"


def derived_in(folder: Path) -> Derived | None:
    """Return the record of what was rendered; one that cannot be read is as good as none."""
    try:
        return Derived.model_validate_json((folder / "derived.json").read_bytes())
    except (OSError, ValidationError):
        return None


def headers_of(folder: Path) -> dict[str, dict[str, str]]:
    """Return the headers that were sent, as `request`, and those of each answer by its name."""
    request = _object(folder / "request.json").get("headers")
    groups = {"request": request, **_object(folder / "headers.json")}
    return {
        name: {str(key): str(value) for key, value in headers.items()}
        for name, headers in groups.items()
        if isinstance(headers, dict) and headers
    }


def scores_of(folder: Path, asset_sha256: str | None) -> tuple[Score, ...]:
    """Return what plug-in metrics said of the file that is there now."""
    try:
        kept = KeptScores.model_validate_json((folder / SCORES_FILE).read_bytes())
    except (OSError, ValidationError):
        return ()
    return kept.scores if kept.asset_sha256 == asset_sha256 else ()


def _object(path: Path) -> dict[str, Any]:
    try:
        data = json.loads(path.read_bytes())
    except (OSError, ValueError):
        return {}
    return data if isinstance(data, dict) else {}
