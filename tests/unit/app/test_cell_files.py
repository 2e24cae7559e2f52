"""What lies beside a clip is read as far as it can be read; the report never waits for a mend."""

import json
from pathlib import Path

from fal_experiments.app.cell_files import headers_of, scores_of
from fal_experiments.core.metric_scores import KeptScores, Score


def test_headers_of_the_request_and_of_the_answers_are_groups(tmp_path: Path) -> None:
    request = {"endpoint": "lab/tiny", "headers": {"X-Fal-Store-IO": "1"}, "body": {}}
    (tmp_path / "request.json").write_text(json.dumps(request))
    answers = {"submit": {":status": "200"}, "response": {"x-fal-billable-units": "5"}, "odd": 3}
    (tmp_path / "headers.json").write_text(json.dumps(answers))

    assert headers_of(tmp_path) == {
        "request": {"X-Fal-Store-IO": "1"},
        "submit": {":status": "200"},
        "response": {"x-fal-billable-units": "5"},
    }


def test_files_that_are_missing_or_damaged_are_as_good_as_none(tmp_path: Path) -> None:
    assert headers_of(tmp_path) == {}
    (tmp_path / "headers.json").write_bytes(b'{"submit": {"a": \xff')
    (tmp_path / "request.json").write_text("[1, 2]")
    (tmp_path / "metrics.json").write_text("{}")

    assert headers_of(tmp_path) == {}
    assert scores_of(tmp_path, "z") == ()


def test_scores_of_an_earlier_file_are_not_told_of_this_one(tmp_path: Path) -> None:
    score = Score(metric="toy", version="1", parameters={})
    kept = KeptScores(asset_sha256="z", scores=(score,))
    (tmp_path / "metrics.json").write_text(kept.model_dump_json())

    assert scores_of(tmp_path, "z") == (score,)
    assert scores_of(tmp_path, "other") == ()
    assert scores_of(tmp_path, None) == ()
