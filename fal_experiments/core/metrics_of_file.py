"""The measurements of a clip's file, timing and sound. Texts for people; the numbers come later."""

from fal_experiments.core.metric import Metric

FILE_METRICS = (
    Metric(
        "video_kbps", "bit rate", "kbit/s", "neither", "file",
        "Bits of all video packets ÷ duration.",
        "Counted in the file; the header's own number is not used.",
        "A provider's encoder setting, not quality: noise needs more bits than a good picture.",
        1,
    ),
    Metric(
        "keyframes", "key frames", "frames", "neither", "file",
        "Frames that can be decoded without others.",
        "Flags in the container. 17 of 18 AI clips had one only (references, media notes).",
        "With one only, jumping to a moment decodes from the start.",
        0,
    ),
    Metric(
        "frame_gap_spread", "timing spread", "share", "lower", "file",
        "Standard deviation ÷ mean of the times between frames; 0 is a constant rate.",
        "Presentation times of the container; ffmpeg's `vfrdet` tells the same two kinds apart.",
        "Rounding of times in WebM (1 ms) gives about 0.01 at 24 fps.",
        4,
    ),
    Metric(
        "longest_gap_s", "longest gap", "s", "lower", "file",
        "Longest time from one frame to the next.",
        "Presentation times of the container.",
        "A picture that is repeated as a frame of its own is no gap; see duplicate_share.",
        4,
    ),
)  # fmt: skip

SOUND_METRICS = (
    Metric(
        "loudness_lufs", "loudness", "LUFS", "neither", "sound",
        "Integrated loudness with its gates at −70 LUFS and 10 LU below the mean.",
        "EBU R 128 and ITU-R BS.1770, as ffmpeg's `ebur128` computes it.",
        "Shorter than 0.4 s, or silent throughout: none. Broadcast asks for −23, platforms for "
        "about −14.",
        1,
    ),
    Metric(
        "loudness_range_lu", "loudness range", "LU", "neither", "sound",
        "Spread between quiet and loud parts (10th to 95th percentile of 3 s windows).",
        "EBU Tech 3342, as ffmpeg's `ebur128` computes it.",
        "Made for programmes of minutes: of a clip of 5 s it says little.",
        1,
    ),
    Metric(
        "true_peak_dbtp", "true peak", "dBTP", "lower", "sound",
        "Highest peak between the samples too, from four times as many.",
        "ITU-R BS.1770 annex 2, as ffmpeg's `ebur128=peak=true` computes it.",
        "Above 0 it clips in players, above −1 in codecs; lower than that is not better.",
        1,
    ),
    Metric(
        "silence_share", "silence", "share", "lower", "sound",
        "Share of the sound in stretches of 0.5 s or more that stay below −60 dBFS.",
        "The threshold of ffmpeg's `silencedetect`, in blocks of 10 ms.",
        "Sound that was asked for and is missing gives 1; a pause that was asked for counts too.",
        3,
    ),
)  # fmt: skip
