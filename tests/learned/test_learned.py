"""The real libraries load from local files only, and give what they give when called by hand."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import torch

from fal_experiments.core.metric_plugins import Described, PluginRef, Seen, Shot
from fal_experiments.core.metric_scores import Score
from fal_experiments.media.learned.bench import MetricBench
from fal_experiments.media.learned.registry import BUILT_IN
from tests.learned.tiny_models import (
    write_random_alexnet,
    write_random_musiq,
    write_tiny_clip,
)

PROMPT = "a knight walks"


def picture(seed: int, width_px: int = 96, height_px: int = 64) -> Shot:
    """A picture of noise."""
    pixels = np.random.default_rng(seed).integers(0, 256, (height_px, width_px, 3), np.uint8)
    return Shot(width_px, height_px, pixels.tobytes())


SEEN = Seen(PROMPT, (picture(1), picture(2), picture(3)), picture(4, 200, 120))


@pytest.fixture(autouse=True)
def _no_hub(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Caches are empty, and no hub is asked."""
    for name in ("HF_HOME", "TORCH_HOME", "XDG_CACHE_HOME"):
        monkeypatch.setenv(name, str(tmp_path / "cache"))
    monkeypatch.delenv("HF_HUB_CACHE", raising=False)
    for name in ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")  # whoever tries, fails


@pytest.fixture(scope="module")
def bench() -> Iterator[MetricBench]:
    with MetricBench() as one:
        yield one


def described(bench: MetricBench, name: str, **settings: str) -> Described:
    return bench.describe(PluginRef(name, BUILT_IN[name], "fal-exp"), settings)


def scored(bench: MetricBench, name: str, seen: Seen = SEEN, **settings: str) -> Score:
    score = bench.score(described(bench, name, **settings), seen)
    assert score.failed is None, score.failed
    return score


@pytest.mark.parametrize(
    ("name", "fix"),
    [
        ("clip_score", "hf download openai/clip-vit-large-patch14"),
        ("lpips", "--set lpips.backbone=FILE"),
        ("musiq", "--set musiq.weights=FILE"),
    ],
)
def test_without_weights_it_says_how_to_get_them_and_downloads_nothing(name: str, fix: str) -> None:
    code = (
        "import json\n"
        "from fal_experiments.media.learned.bench import MetricBench\n"
        "from fal_experiments.core.metric_plugins import PluginRef\n"
        f"ref = PluginRef({name!r}, {BUILT_IN[name]!r}, '')\n"
        "with MetricBench() as bench: print(bench.describe(ref, {}).model_dump_json())\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    told = json.loads(done.stdout)
    assert told["missing"].endswith("not on this machine")
    assert fix in told["fix"]


def test_clip_score_is_a_hundred_cosines_of_prompt_and_frames(
    bench: MetricBench, tmp_path: Path
) -> None:
    from transformers import CLIPModel, CLIPProcessor

    folder = write_tiny_clip(tmp_path / "clip")
    score = scored(bench, "clip_score", model=str(folder))

    model = CLIPModel.from_pretrained(folder, local_files_only=True).eval()
    processor = CLIPProcessor.from_pretrained(folder, local_files_only=True)
    cosines = []
    for shot in SEEN.shots:
        pixels = np.frombuffer(shot.rgb, np.uint8).reshape(shot.height_px, shot.width_px, 3)
        inputs = processor(text=[PROMPT], images=[pixels.copy()], return_tensors="pt")
        with torch.inference_mode():
            logit = model(**inputs).logits_per_image / model.logit_scale.exp()
        cosines.append(max(0.0, 100 * float(logit)))
    assert float(score.values["clip_score"]) == pytest.approx(sum(cosines) / 3, rel=1e-3)
    assert float(score.values["clip_score_least"]) == pytest.approx(min(cosines), rel=1e-3)
    assert len(score.identity["weights_sha256"]) == 64


def test_clip_score_of_a_prompt_longer_than_clip_reads_is_cut_not_refused(
    bench: MetricBench, tmp_path: Path
) -> None:
    folder = write_tiny_clip(tmp_path / "clip")

    long = scored(bench, "clip_score", Seen("he walks. " * 60, SEEN.shots), model=str(folder))

    assert set(long.values) == {"clip_score", "clip_score_least"}


def test_lpips_has_the_backbone_that_it_was_given(bench: MetricBench, tmp_path: Path) -> None:
    import lpips

    path = tmp_path / "alexnet.pth"
    features = write_random_alexnet(path)
    score = scored(bench, "lpips", backbone=str(path))

    with pytest.warns(UserWarning, match="deprecated"):
        model = lpips.LPIPS(net="alex", pnet_rand=True, verbose=False)
    for name, parameter in model.net.named_parameters():
        parameter.data = features[f"features.{name.partition('.')[2]}"]
    first, last = (
        torch.from_numpy(np.frombuffer(s.rgb, np.uint8).reshape(64, 96, 3).copy())
        .permute(2, 0, 1)[None]
        .float()
        / 255
        for s in (SEEN.shots[0], SEEN.shots[-1])
    )
    with torch.inference_mode():
        by_hand = float(model(first, last, normalize=True))
    assert float(score.values["lpips_first_last"]) == pytest.approx(by_hand, rel=1e-3)
    assert by_hand > 0
    assert set(score.values) == {"lpips_image", "lpips_first_last", "lpips_step"}


def test_lpips_of_equal_frames_is_zero_and_a_still_has_only_its_input(
    bench: MetricBench, tmp_path: Path
) -> None:
    path = tmp_path / "alexnet.pth"
    write_random_alexnet(path)

    same = scored(bench, "lpips", Seen("", (picture(1),) * 3), backbone=str(path))
    still = scored(bench, "lpips", Seen("", (picture(1),), picture(1)), backbone=str(path))

    assert {float(value) for value in same.values.values()} == {0.0}
    assert {name: float(value) for name, value in still.values.items()} == {"lpips_image": 0.0}


def test_musiq_has_the_weights_that_it_was_given(bench: MetricBench, tmp_path: Path) -> None:
    from pyiqa.archs.musiq_arch import MUSIQ

    path = write_random_musiq(tmp_path / "musiq.pth")
    score = scored(bench, "musiq", weights=str(path))

    model = MUSIQ(pretrained=False)
    model.load_state_dict(torch.load(path, weights_only=True))
    points = []
    for shot in SEEN.shots:
        pixels = np.frombuffer(shot.rgb, np.uint8).reshape(shot.height_px, shot.width_px, 3).copy()
        batch = torch.from_numpy(pixels).permute(2, 0, 1)[None].float() / 255
        with torch.inference_mode():
            points.append(float(model.eval()(batch)))
    assert float(score.values["musiq"]) == pytest.approx(sum(points) / 3, rel=1e-3)
    assert float(score.values["musiq_least"]) == pytest.approx(min(points), rel=1e-3)


def test_other_weights_are_another_score(bench: MetricBench, tmp_path: Path) -> None:
    one, other = tmp_path / "one.pth", tmp_path / "other.pth"
    features = write_random_alexnet(one)
    torch.save({name: value * 2 for name, value in features.items()}, other)

    scores = [scored(bench, "lpips", backbone=str(path)) for path in (one, other)]

    assert scores[0].key != scores[1].key
    assert scores[0].values != scores[1].values


def test_torch_is_never_loaded_by_the_command_itself(tmp_path: Path) -> None:
    code = (
        "import sys\n"
        "from fal_experiments.cli.main import run\n"
        "assert run(['metrics', 'list', '--json']) == 0\n"
        "assert not {'torch', 'transformers', 'lpips', 'pyiqa'} & set(sys.modules)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, env={**os.environ}, check=False
    )

    assert done.returncode == 0
