"""`fal-exp measure`: a batch beside its input picture, two of its clips, and what is refused."""

import csv
import hashlib
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.integration.kit import CELLS, Bench, bench


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    with bench(tmp_path_factory.mktemp("measure")) as ran:
        assert ran.call("run", "m.yaml", "--json").code == 0
        yield ran


def _records(made: Bench) -> list[Path]:
    return sorted(made.batch().glob("cells/*/1/derived.json"))


def test_every_clip_is_measured_against_the_picture_that_it_started_from(made: Bench) -> None:
    plate = hashlib.sha256((made.root / "plate.png").read_bytes()).hexdigest()

    for path in _records(made):
        measures = json.loads(path.read_text())["measures"]
        assert measures["anchor_sha256"] == plate
        assert "first_frame_fidelity" in measures["values"]
        assert measures["missing"]["loudness_lufs"] == "it has no sound"


def test_a_batch_is_summed_up_per_preset_with_its_n(made: Bench) -> None:
    called = made.call("measure", "--json")

    assert called.code == 0, called.err
    assert len(called.json["clips"]) == CELLS
    summary = called.json["presets"]["tiny-i2v"]["first_frame_fidelity"]
    assert (summary["n"], summary["of"]) == (CELLS, CELLS)
    assert summary["least"] <= summary["median"] <= summary["most"]
    assert called.json["presets"]["tiny-i2v"]["loudness_lufs"]["n"] == 0


def test_a_person_reads_medians_and_what_no_clip_has(made: Bench) -> None:
    said = made.call("measure", "latest").out

    assert "flicker, levels ↓" in said
    assert "of no clip: loudness" in said


def test_a_table_has_a_line_a_clip_and_nothing_where_nothing_was_measured(made: Bench) -> None:
    target = made.root / "measures.csv"

    assert made.call("measure", "latest", "--csv", str(target)).code == 0

    rows = list(csv.DictReader(target.read_text().splitlines()))
    assert len(rows) == CELLS
    assert {row["loudness_lufs"] for row in rows} == {""}
    assert all(float(row["first_frame_fidelity"]) <= 1 for row in rows)
    assert all("it has no sound" in row["missing"] for row in rows)


def test_the_report_shows_them(made: Bench) -> None:
    data = "".join(path.read_text() for path in (made.batch() / "report").rglob("*.js"))

    assert "first frame vs input" in data


def test_clips_that_were_not_rendered_are_counted_and_told(made: Bench) -> None:
    record = _records(made)[0]
    kept = record.read_bytes()
    record.unlink()
    try:
        called = made.call("measure", "--json")
    finally:
        record.write_bytes(kept)

    assert called.code == 1
    assert "1 clip not measured" in called.err
    assert called.json["presets"]["tiny-i2v"]["flicker"]["of"] == CELLS


def test_two_clips_are_compared(made: Bench) -> None:
    first, second = (str(path) for path in sorted(made.batch().glob("cells/*/1/clip.mp4"))[:2])

    called = made.call("measure", first, second, "--json")

    assert called.code == 0, called.err
    assert 0 < float(called.json["values"]["pair_ssim"]) < 1
    assert made.call("measure", first, "gone.mp4").code == 2
    assert made.call("measure", first, str(made.root / "plate.png")).code == 2
    assert made.call("measure", "a", "b", "c").code == 2


def test_the_page_is_printed_anywhere(made: Bench) -> None:
    assert made.call("measure", "--explain").out.startswith("# Measurements")
