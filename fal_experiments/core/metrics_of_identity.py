"""The measurements of a clip against its first frame, its input picture, or another clip."""

from fal_experiments.core.metric import Metric

_PEOPLE = "Whether it is still the same person needs an embedding; this cannot tell."

_CHEAP = (
    (
        "ssim", "SSIM", "index", "higher",
        "SSIM of luma at 320 px",
        "Wang and others 2004, windows of ffmpeg's `ssim`.",
        "Measures motion as much as identity (AUC 0.85 for telling clips apart).",
        4,
    ),
    (
        "phash", "pHash distance", "bits of 64", "lower",
        "Bits that differ between perceptual hashes (8 × 8 lowest cosines of 32 × 32 luma)",
        "Zauner 2010; AUC 0.93.",
        "A turn of the figure or a zoom changes it.",
        1,
    ),
    (
        "hues", "hue overlap", "share", "higher",
        "Overlap of histograms of hue, saturation and value (12 × 4 × 4)",
        "Swain and Ballard 1991; AUC 0.97.",
        "Blind to shape; light that changes counts.",
        3,
    ),
    (
        "colour", "colour distance", "levels", "lower",
        "Mean difference of the colours of an 8 × 8 grid",
        "Ours; AUC 0.97.",
        "Blind to what is smaller than an eighth of the picture.",
        2,
    ),
)  # fmt: skip


def _identity(against: str, of: str, words: str) -> tuple[Metric, ...]:
    return tuple(
        Metric(
            f"{against}_{name}", f"{title} to {of}", unit, direction, "identity",  # type: ignore[arg-type]
            f"{says} to {words}; median of the last quarter of up to 12 frames.",
            source, f"{limits} {_PEOPLE}", places,
        )
        for name, title, unit, direction, says, source, limits, places in _CHEAP
    )  # fmt: skip


START_METRICS = _identity("start", "first frame", "the clip's own first frame")

ANCHOR_METRICS = (
    Metric(
        "first_frame_fidelity", "first frame vs input", "index", "higher", "identity",
        "SSIM of luma at 320 px of the first frame to the input picture, after the best of crop, "
        "stretch and pad to the clip's shape, and of small shifts and scales.",
        "Wang and others 2004; the alignment is ours.",
        "1 needs equal grading too. A model that starts with a motion away from the picture is "
        "low. Of a picture with clear parts the model saw another ground than the grey here.",
        4,
    ),
    Metric(
        "first_frame_shift", "first frame offset", "% of width", "lower", "identity",
        "How far the input picture had to be moved for that.",
        "Phase correlation at 320 px, whole pixels.",
        "Meaningless where first_frame_fidelity is low.",
        2,
    ),
    *_identity("anchor", "input", "the input picture, aligned as for first_frame_fidelity"),
)  # fmt: skip

PAIR_METRICS = (
    Metric(
        "pair_ssim", "SSIM", "index", "higher", "pair",
        "Mean SSIM of luma over pairs of frames of the same moment.",
        "Wang and others 2004, windows of ffmpeg's `ssim`.",
        "How far one departs from the other, not which is better. Clips made apart of one prompt "
        "are at 0.4 to 0.6.",
        4,
    ),
    Metric(
        "pair_psnr_db", "PSNR", "dB", "higher", "pair",
        "10·log10(255² ÷ mean squared error of luma over those frames).",
        "ffmpeg's `psnr` (y).",
        "Equal clips have none: it would be infinite. Says little below 20.",
        2,
    ),
    Metric(
        "pair_vmaf", "VMAF", "0 to 100", "higher", "pair",
        "Mean VMAF of the second clip as a copy of the first, model vmaf_v0.6.1.",
        "Netflix libvmaf inside the ffmpeg that imageio-ffmpeg ships.",
        "Made for encodings of one master: for clips made apart it means nothing.",
        2,
    ),
)  # fmt: skip
