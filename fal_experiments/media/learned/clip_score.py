"""CLIP score: how near prompt and frames are in the space of one CLIP model."""

from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from statistics import fmean
from typing import Any

from fal_experiments.core.metric_plugins import MetricFacts, Missing, Seen, ValueFacts
from fal_experiments.media.learned.weights import files_sha256, hub_snapshot, missing_modules

MODEL = "openai/clip-vit-large-patch14"
WEIGHTS = ("model.safetensors", "pytorch_model.bin")

FACTS = MetricFacts(
    name="clip_score",
    version="1",
    title="CLIP score",
    values={
        "clip_score": ValueFacts(
            title="mean over frames of 100 × cosine of prompt and frame, at least 0",
            unit="points",
            direction="higher",
            low=Decimal(0),
            high=Decimal(100),
        ),
        "clip_score_least": ValueFacts(
            title="the same of the frame that is furthest from the prompt",
            unit="points",
            direction="higher",
            low=Decimal(0),
            high=Decimal(100),
        ),
    },
    source=(
        "Hessel et al. 2021, arXiv 2104.08718, scaled by 100 as torchmetrics' CLIPScore and so "
        "fal's arbiter (clip_score, video_clip_score) do"
    ),
    limits=(
        "CLIP reads 77 tokens: the rest of a long prompt does not count. It sees stills, so it "
        "knows nothing of motion, order or camera. Numbers of two CLIP models do not compare, and "
        "differences below 1 point between good models say little."
    ),
    needs=f"torch, transformers; weights {MODEL} (1.7 GB): hf download {MODEL}",
    aliases=("clipscore", "video_clip_score", "video_clipscore"),
    parameters={"model": MODEL},
    frames=8,
    longest_px=512,
)


class ClipScore:
    """The plug-in. `model` is a folder, or a name in the local cache of Hugging Face."""

    facts = FACTS

    def __init__(self) -> None:
        self._loaded: tuple[str, Any, Any, Any] | None = None

    def available(self, parameters: Mapping[str, str]) -> Missing | None:
        """Look for packages and weights, importing and downloading nothing."""
        absent = missing_modules("torch", "transformers", extra="learned")
        if absent is not None:
            return absent
        model = parameters["model"]
        if hub_snapshot(model) is None or not _weights(model):
            return Missing(
                f"the weights {model} are not on this machine",
                f"hf download {model}, or --set clip_score.model=FOLDER",
            )
        return None

    def identity(self, parameters: Mapping[str, str]) -> dict[str, str]:
        """Return the hash of the weights."""
        return {"weights_sha256": files_sha256(*_weights(parameters["model"]))}

    def score(self, seen: Seen, parameters: Mapping[str, str]) -> dict[str, float]:
        """Return mean and least over the frames. Raises: ValueError where there is no prompt."""
        import torch

        from fal_experiments.media.learned.tensors import pixels

        if not seen.prompt.strip():
            raise ValueError("there is no prompt to compare with")
        model, processor, where = self._load(parameters["model"])
        inputs = processor(
            text=[seen.prompt],
            images=[pixels(shot) for shot in seen.shots],
            return_tensors="pt",
            padding=True,
            truncation=True,
            max_length=model.config.text_config.max_position_embeddings,
        ).to(where)
        with torch.inference_mode():
            out = model(**inputs)
        text = torch.nn.functional.normalize(out.text_embeds, dim=-1)
        frames = torch.nn.functional.normalize(out.image_embeds, dim=-1)
        cosines = (100 * (frames @ text.T)).clamp(min=0).flatten().tolist()
        return {"clip_score": fmean(cosines), "clip_score_least": min(cosines)}

    def _load(self, name: str) -> tuple[Any, Any, Any]:
        if self._loaded is None or self._loaded[0] != name:
            from transformers import CLIPModel, CLIPProcessor

            from fal_experiments.media.learned.tensors import device

            folder, where = str(hub_snapshot(name)), device()
            model = CLIPModel.from_pretrained(folder, local_files_only=True).eval().to(where)
            processor = CLIPProcessor.from_pretrained(folder, local_files_only=True)
            self._loaded = (name, model, processor, where)
        return self._loaded[1:]


def _weights(model: str) -> list[Path]:
    """Return the first kind of weights that is there: safetensors runs no code when read."""
    folder = hub_snapshot(model)
    found = [folder / name for name in WEIGHTS if (folder / name).is_file()] if folder else []
    return found[:1]
