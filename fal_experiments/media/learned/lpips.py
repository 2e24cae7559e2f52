"""LPIPS: how far two pictures are apart in the features of a network, weighed as people see it."""

from collections.abc import Mapping
from decimal import Decimal
from itertools import pairwise
from statistics import fmean
from typing import Any

from fal_experiments.core.metric_plugins import MetricFacts, Missing, Seen, Shot, ValueFacts
from fal_experiments.media.learned.weights import files_sha256, missing_modules, torch_checkpoint

USUAL_NAME = "checkpoints/alexnet-owt-7be5be79.pth"
"""As torchvision names it (`AlexNet_Weights.IMAGENET1K_V1`)."""

FACTS = MetricFacts(
    name="lpips",
    version="1",
    title="LPIPS (AlexNet, v0.1)",
    values={
        "lpips_image": ValueFacts(
            title="distance of the input image and the first frame",
            unit="distance",
            direction="lower",
            low=Decimal(0),
        ),
        "lpips_first_last": ValueFacts(
            title="distance of the first frame and the last",
            unit="distance",
            direction="neither",
            low=Decimal(0),
        ),
        "lpips_step": ValueFacts(
            title="mean distance of neighbours among the frames shown",
            unit="distance",
            direction="neither",
            low=Decimal(0),
        ),
    },
    source=(
        "Zhang et al. 2018, arXiv 1801.03924; their package lpips 0.1.4, as fal's arbiter (lpips, "
        "video_lpips) through torchmetrics"
    ),
    limits=(
        "A distance between two pictures, not a quality. Motion that was asked for makes it large; "
        "a clip that stands still has the best first_last. Compare only clips of one prompt and "
        "input, and read it with the motion."
    ),
    needs="torch, torchvision, lpips; torchvision's AlexNet weights (245 MB)",
    aliases=("video_lpips", "learned_perceptual_image_patch_similarity"),
    parameters={"backbone": ""},
    frames=8,
    longest_px=512,
)


class Lpips:
    """The plug-in. `backbone` is the file of AlexNet's weights; else torch's cache is looked in."""

    facts = FACTS

    def __init__(self) -> None:
        self._loaded: tuple[str, Any, Any] | None = None

    def available(self, parameters: Mapping[str, str]) -> Missing | None:
        """Look for packages and weights, importing and downloading nothing."""
        absent = missing_modules("torch", "torchvision", "lpips", extra="learned")
        if absent is not None:
            return absent
        if torch_checkpoint(parameters["backbone"], USUAL_NAME) is None:
            return Missing(
                "AlexNet's weights are not on this machine",
                "python -c 'import torchvision; "
                'torchvision.models.alexnet(weights="IMAGENET1K_V1")\', '
                "or --set lpips.backbone=FILE",
            )
        return None

    def identity(self, parameters: Mapping[str, str]) -> dict[str, str]:
        """Return the hash of the backbone; the layers above it come with the package."""
        path = torch_checkpoint(parameters["backbone"], USUAL_NAME)
        return {"backbone_sha256": files_sha256(path)} if path else {}

    def score(self, seen: Seen, parameters: Mapping[str, str]) -> dict[str, float]:
        """Return the distances that the result has: a still picture has only the first."""
        values = {}
        if seen.image is not None:
            values["lpips_image"] = self._distance(seen.image, seen.shots[0], parameters)
        if len(seen.shots) > 1:
            values["lpips_first_last"] = self._distance(seen.shots[0], seen.shots[-1], parameters)
            steps = [self._distance(a, b, parameters) for a, b in pairwise(seen.shots)]
            values["lpips_step"] = fmean(steps)
        if not values:
            raise ValueError("a single picture without an input image has nothing to compare with")
        return values

    def _distance(self, one: Shot, other: Shot, parameters: Mapping[str, str]) -> float:
        import torch

        from fal_experiments.media.learned.tensors import unit_batch

        model, where = self._load(parameters["backbone"])
        pair = [unit_batch([shot]).to(where) for shot in (one, other)]
        if pair[0].shape != pair[1].shape:  # the input image is of another size than the clip
            size = pair[1].shape[-2:]
            pair[0] = torch.nn.functional.interpolate(
                pair[0], size=size, mode="bicubic", antialias=True
            ).clamp(0, 1)
        with torch.inference_mode():
            return float(model(*pair, normalize=True))

    def _load(self, backbone: str) -> tuple[Any, Any]:
        if self._loaded is None or self._loaded[0] != backbone:
            import lpips
            import torch

            from fal_experiments.media.learned.tensors import device

            path, where = torch_checkpoint(backbone, USUAL_NAME), device()
            # With `pnet_rand` the package downloads nothing; the backbone's weights are put in
            # below, by the layer numbers that its slices keep of torchvision's AlexNet.
            model = lpips.LPIPS(net="alex", pnet_rand=True, verbose=False)
            stored = torch.load(str(path), map_location="cpu", weights_only=True)
            slices = model.net.state_dict()
            model.net.load_state_dict(
                {name: stored[f"features.{name.partition('.')[2]}"] for name in slices}
            )
            self._loaded = (backbone, model.eval().to(where), where)
        return self._loaded[1:]
