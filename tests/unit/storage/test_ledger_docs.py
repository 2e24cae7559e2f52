"""docs/ledger.md lists every column of `ledger.read()` with its type."""

import re
from pathlib import Path

from fal_experiments.storage.frames import data_frame
from fal_experiments.storage.layout import Project

PAGE = Path(__file__).parents[3] / "docs" / "ledger.md"


def test_the_page_lists_every_column_with_its_type(tmp_path: Path) -> None:
    listed = re.findall(r"^\| `(\w+)` \| ([^|]+?) \|", PAGE.read_text("utf-8"), re.MULTILINE)
    frame = data_frame(Project(tmp_path).tree(sandbox=False))

    assert listed == [(name, str(kind)) for name, kind in frame.dtypes.items()]
