"""What differs between two JSON values, path by path; an order of keys is no difference."""

from collections.abc import Iterator
from typing import Any

from fal_experiments.core.ids import canonical_json
from fal_experiments.core.model import Json, Record


class JsonChange(Record):
    """One place that differs. `before` or `after` is None as well where there is nothing."""

    path: str
    """`duration`, `elements[0].image`; empty for the whole value."""
    before: Json = None
    after: Json = None
    added: bool = False
    gone: bool = False

    def label(self) -> str:
        """Return `duration: "5" → "6"`."""
        before = "–" if self.added else canonical_json(self.before)
        after = "–" if self.gone else canonical_json(self.after)
        return f"{self.path or 'all'}: {before} → {after}"


def json_changes(before: Any, after: Any, path: str = "") -> Iterator[JsonChange]:
    """Yield every place that differs, in the order of the first value, new ones last."""
    if isinstance(before, dict) and isinstance(after, dict):
        for key in [*before, *(key for key in after if key not in before)]:
            below = f"{path}.{key}" if path else str(key)
            if key not in after:
                yield JsonChange(path=below, before=before[key], gone=True)
            elif key not in before:
                yield JsonChange(path=below, after=after[key], added=True)
            else:
                yield from json_changes(before[key], after[key], below)
    elif isinstance(before, list) and isinstance(after, list) and len(before) == len(after):
        for index, (one, other) in enumerate(zip(before, after, strict=True)):
            yield from json_changes(one, other, f"{path}[{index}]")
    elif canonical_json(before) != canonical_json(after):
        yield JsonChange(path=path, before=before, after=after)
