"""MUSIQ: the technical quality of each frame, learnt from the votes of people on photographs."""

from collections.abc import Mapping
from decimal import Decimal
from statistics import fmean
from typing import Any

from fal_experiments.core.metric_plugins import MetricFacts, Missing, Seen, ValueFacts
from fal_experiments.media.learned.weights import files_sha256, missing_modules, torch_checkpoint

USUAL_NAME = "pyiqa/musiq_koniq_ckpt-e95806b9.pth"
"""As pyiqa 0.1.16 keeps it: trained on KonIQ-10k, its default and so fal's arbiter's."""

FACTS = MetricFacts(
    name="musiq",
    version="1",
    title="MUSIQ (KonIQ-10k)",
    values={
        "musiq": ValueFacts(
            title="mean over frames",
            unit="points",
            direction="higher",
            low=Decimal(0),
            high=Decimal(100),
        ),
        "musiq_least": ValueFacts(
            title="the worst frame",
            unit="points",
            direction="higher",
            low=Decimal(0),
            high=Decimal(100),
        ),
    },
    source=(
        "Ke et al. 2021, arXiv 2108.05997; the package pyiqa, as fal's arbiter (musiq, "
        "video_musiq); the range is about 0 to 100"
    ),
    limits=(
        "Learnt from photographs: blur and noise that a style wants cost points, and a beautiful "
        "picture of the wrong thing gets them. It knows neither prompt nor motion. Pixel art and "
        "flat sprites lie outside what it has seen."
    ),
    needs=(
        "torch, pyiqa (PolyForm Noncommercial licence: check that your use is allowed); "
        "weights musiq_koniq_ckpt-e95806b9.pth (157 MB)"
    ),
    aliases=("video_musiq",),
    parameters={"weights": ""},
    frames=8,
    longest_px=1920,
)


class Musiq:
    """The plug-in. `weights` is a file; else torch's cache is looked in, where pyiqa keeps it."""

    facts = FACTS

    def __init__(self) -> None:
        self._loaded: tuple[str, Any, Any] | None = None

    def available(self, parameters: Mapping[str, str]) -> Missing | None:
        """Look for packages and weights, importing and downloading nothing."""
        absent = missing_modules("torch", "pyiqa", extra="learned-musiq")
        if absent is not None:
            return absent
        if torch_checkpoint(parameters["weights"], USUAL_NAME) is None:
            return Missing(
                "MUSIQ's weights are not on this machine",
                "python -c 'import pyiqa; pyiqa.create_metric(\"musiq\")', "
                "or --set musiq.weights=FILE",
            )
        return None

    def identity(self, parameters: Mapping[str, str]) -> dict[str, str]:
        """Return the hash of the weights."""
        path = torch_checkpoint(parameters["weights"], USUAL_NAME)
        return {"weights_sha256": files_sha256(path)} if path else {}

    def score(self, seen: Seen, parameters: Mapping[str, str]) -> dict[str, float]:
        """Return mean and least over the frames."""
        import torch

        from fal_experiments.media.learned.tensors import unit_batch

        model, where = self._load(parameters["weights"])
        with torch.inference_mode():
            points = [float(model(unit_batch([shot]).to(where))) for shot in seen.shots]
        return {"musiq": fmean(points), "musiq_least": min(points)}

    def _load(self, weights: str) -> tuple[Any, Any]:
        if self._loaded is None or self._loaded[0] != weights:
            import pyiqa

            from fal_experiments.media.learned.tensors import device

            path, where = torch_checkpoint(weights, USUAL_NAME), device()
            # Told where the weights are, pyiqa downloads nothing.
            model = pyiqa.create_metric("musiq", device=where, pretrained_model_path=str(path))
            self._loaded = (weights, model.eval(), where)
        return self._loaded[1:]
