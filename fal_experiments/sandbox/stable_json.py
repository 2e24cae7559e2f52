"""JSON text that is the same for equal values, whatever stands in it."""

import json
from typing import Any


def stable_json(value: Any) -> str:
    """Return sorted JSON in ASCII; a lone surrogate in a prompt, which UTF-8 refuses, passes."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"))
