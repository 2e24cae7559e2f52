"""The measurements of a clip's detail, light and motion. Texts for people; numbers come later."""

from fal_experiments.core.metric import Metric

DETAIL_METRICS = (
    Metric(
        "sharpness", "sharpness", "levels²", "higher", "detail",
        "Variance of the Laplacian of luma at native size (from 480 lines on every fifth line), "
        "median of up to 12 frames spread evenly.",
        "Pech-Pacheco and others, ICPR 2000; checked against Pillow's convolution in tests.",
        "Compares clips of one prompt at one size only: clean clips of different scenes span 21 "
        "to 442, and noise of 5 levels raises it sevenfold. It sees an upscaled clip.",
        1,
    ),
    Metric(
        "sharpness_640", "sharpness at 640 px", "levels²", "higher", "detail",
        "The same after shrinking to 640 px on the longer side.",
        "As sharpness.",
        "Nearly blind to noise (×1.27 where the native one says ×7), and to what only the native "
        "size shows. Again only for clips of one prompt.",
        1,
    ),
    Metric(
        "sharpness_kept", "sharpness kept", "ratio", "higher", "detail",
        "Sharpness at 640 px: median of the last quarter ÷ median of the first.",
        "Ours; a clip that melts falls below 1.",
        "A camera that moves to something plainer does that too; above 1 is no merit.",
        3,
    ),
    Metric(
        "blockiness", "blockiness", "ratio", "lower", "detail",
        "Mean step of luma across the lines of the 8 × 8 grid ÷ mean step elsewhere, both ways, "
        "less 1; every seventh line of every second of those frames, median. 0: no grid.",
        "Wang, Sheikh, Bovik, ICIP 2002 in its simplest form; ordered like ffmpeg's `blockdetect`.",
        "Sees the grid of the last encoder only, at native size: after scaling the grid is "
        "elsewhere. Vertical or horizontal stripes 8 px apart look like a grid.",
        3,
    ),
    Metric(
        "banding", "banding", "share", "lower", "detail",
        "Share of the picture within 8 px of a step of 1 to 4 levels between two plateaus of 8 "
        "equal pixels, both ways added; median of the same lines.",
        "Ours, after the idea of CAMBI (Tandon and others, PCS 2021).",
        "Text and outlines have higher steps and do not count. Flat drawings with faint shading "
        "do. Dither or grain hides bands from it as from the eye. A smooth gradient in 8 bits has "
        "some.",
        4,
    ),
)  # fmt: skip

LIGHT_METRICS = (
    Metric(
        "brightness", "brightness", "levels", "neither", "light",
        "Mean luma of all frames, 16 black, 235 white.",
        "ffmpeg's `signalstats` (YAVG).",
        "Of a clip in full range the levels are mapped to these first.",
        1,
    ),
    Metric(
        "flicker", "flicker", "levels", "lower", "light",
        "Root mean square of the second difference of mean luma from frame to frame, but not "
        "across cuts.",
        "Ours; 2 % alternating gain against the same 12 clips clean: AUC 1.00, with 0.1 to 1.1 "
        "clean and 2.0 and more with it. SSIM of neighbours cannot tell (0.52).",
        "A flash that was asked for counts too, and fast motion at 8 fps gives 1; flicker in a "
        "corner is diluted.",
        3,
    ),
    Metric(
        "oscillation", "oscillation", "share", "lower", "light",
        "Share of the change between frames that goes back in the next one, pixel by pixel at "
        "320 px.",
        "Ours; AUC 0.95 for flicker of 2 %, 1.00 for 4 %, of 12 clips.",
        "Grain oscillates: compare clips of equal grain. Fast small motion does too.",
        3,
    ),
    Metric(
        "black_s", "black", "s", "lower", "light",
        "Time in frames with a mean below 20 levels of which 98 % are below 38.",
        "The pixels of ffmpeg's `blackdetect` by default, without its shortest length.",
        "A night scene that dark counts.",
        3,
    ),
)  # fmt: skip

MOTION_METRICS = (
    Metric(
        "motion", "motion", "px/s", "neither", "motion",
        "Mean change between frames ÷ mean gradient, at 320 px on the longer side, per second.",
        "Orders clips as optical flow does (Spearman 0.95; the raw change 0.69).",
        "An average over the picture: a small figure that runs counts little. Flicker, grain and "
        "cuts count as motion. Motion of more than a few px a frame saturates.",
        2,
    ),
    Metric(
        "freeze_s", "frozen", "s", "lower", "motion",
        "Time in stretches of 0.5 s and more in which luma at 320 px changes by less than 0.05 "
        "levels from frame to frame.",
        "Agrees with ffmpeg's `freezedetect` at −60 dB; no false alarm on 23 clips.",
        "A locked shot in which nothing was to move is one long freeze.",
        3,
    ),
    Metric(
        "duplicate_share", "duplicate frames", "share", "lower", "motion",
        "Share of frames that repeat the one before: a mean change below 0.02 levels at 320 px and "
        "no spot that changes by more than 12.",
        "Ours; after ffmpeg's `mpdecimate`.",
        "An encoder that is short of bits repeats frames in which little moves. Clips made at 12 "
        "fps and stored at 24 have 0.5.",
        3,
    ),
    Metric(
        "loop_seam", "loop seam", "ratio", "lower", "motion",
        "Change from the last frame to the first ÷ median change between neighbours, at 320 px.",
        "Ours; AI clips 3 to 21, a true loop about 1.",
        "Only for clips that were to loop. See `sprite` for the best window inside a clip.",
        2,
    ),
    Metric(
        "drift_px_s", "camera drift", "px/s", "lower", "motion",
        "Length of the path of the whole picture ÷ duration, at 320 px on the longer side, from "
        "phase correlation four times a second, the border counting most.",
        "Kuglin and Hines 1975; planted pans come out within 5 % in tests.",
        "For a shot that was to be locked. Zoom and turning are not seen. Where the ground is "
        "plain there is nothing to hold on to, and it is missing.",
        3,
    ),
    Metric(
        "drift_end", "camera offset", "% of width", "lower", "motion",
        "How far from where it started the picture stands at the end.",
        "As drift_px_s.",
        "As drift_px_s.",
        2,
    ),
)  # fmt: skip
