"""What a text says of the camera, in English or Chinese: its moves, a locked one, or nothing."""

import re
from typing import NamedTuple

from fal_experiments.core.prompt_language import flat, is_denied

_CAMERA = r"camera\s+(?:(?:\w+ly|then|now|begins? to|starts? to|moves? to)\s+)*"
_LENS = r"镜头[^，。；,;]{0,6}?"
_TECHNICAL = rf"(?:{_CAMERA}|\bthen\s+(?:\w+ly\s+)?)"
_NOT_A_THING = r"(?<!\bthe )(?<!\ba )(?<!\bfrying )"
_PACE = r"(?:slow|slowly|smooth|gentle|quick|fast|whip|subtle)"

_MOVES: tuple[tuple[str, str], ...] = (
    (
        "pan",
        rf"{_NOT_A_THING}\bpan(?:s|ning)?\s+(?:\w+ly\s+)?(?:to the )?(?:left|right|across|over)\b",
    ),
    ("pan", rf"{_TECHNICAL}pan(?:s|ning)?\b|\b(?:camera|{_PACE}) pan\b|\bpan shot\b"),
    ("pan", rf"横摇|[左右]摇(?!摆|晃|曳)|摇镜|{_LENS}摇(?!摆|晃|曳)"),
    ("tilt", rf"{_TECHNICAL}tilt(?:s|ing)?\b|\b(?:camera|{_PACE}) tilt\b"),
    ("tilt", r"(?:^|[,.;] )tilt(?:s|ing)? (?:up|down)\b|[上下]摇(?!摆|晃|曳)"),
    (
        "push in",
        rf"\bpush-in\b|\b{_PACE}(?:,? \w+)? push in\b|{_CAMERA}push(?:es|ing)? (?:in|forward)\b",
    ),
    ("push in", r"\bdoll(?:y|ies|ying)(?: push)?[- ](?:in|forward)\b|\bdolly push-in\b"),
    ("push in", rf"{_CAMERA}(?:moves?|glides?|creeps?) (?:in|closer|forward)\b"),
    ("push in", rf"推近|推镜|{_LENS}推(?!荐|开)|镜头[^，。；,;]{{0,6}}推进"),
    ("pull out", rf"\bpull-(?:out|back)\b|{_CAMERA}pull(?:s|ing)? (?:out|back|away)\b"),
    ("pull out", rf"\b{_PACE} pull (?:out|back)\b|\bdoll(?:y|ies|ying)[- ](?:out|back|away)\b"),
    ("pull out", rf"拉远|拉镜|{_LENS}拉(?!开)"),
    ("dolly", rf"{_TECHNICAL}doll(?:ies|ying)\b|\bdolly (?:shot|zoom|left|right)\b"),
    ("dolly", rf"\b{_PACE} dolly\b(?! push)"),
    ("zoom", rf"\bzoom(?:s|ing)?[- ](?:in|out)\b|{_TECHNICAL}zoom(?:s|ing)?\b|变焦"),
    ("track", rf"\btracking shot\b|{_CAMERA}(?:track|follow|trail)(?:s|ing)?\b"),
    ("track", rf"\btracking (?:left|right|forward|backward|alongside)\b|跟拍|跟镜|{_LENS}跟随"),
    ("crane", rf"\bcrane (?:shot|up|down)\b|\bboom (?:up|down)\b|{_TECHNICAL}crane(?:s|ing)?\b"),
    ("crane", rf"{_CAMERA}(?:rises?|rising|descends?|descending|ascends?|lifts?|lowers?|booms?)\b"),
    ("crane", rf"升镜|降镜|升降镜头|{_LENS}(?:上升|下降|升起)"),
    ("orbit", rf"{_CAMERA}(?:orbit|circle|arc|rotate)(?:s|ing)?\b|\bthen (?:\w+ly )?orbits\b"),
    (
        "orbit",
        rf"\borbit(?:ing)? shot\b|\barc shot\b|\b(?:{_PACE}|full|360|180)(?:[- ]degree)? orbit\b",
    ),
    ("orbit", rf"环绕(?:拍摄|镜头|运镜)|{_LENS}(?:环绕|绕着)"),
    ("truck", rf"{_NOT_A_THING}\btruck(?:s|ing)? (?:left|right)\b|{_CAMERA}trucks?\b"),
    ("truck", rf"横移|移镜|侧移镜头|{_LENS}平移"),
    ("pedestal", r"\bpedestal (?:up|down)\b"),
    (
        "move",
        rf"{_CAMERA}(?:moves?|glides?|drifts?|slides?|flies|flying|sweeps?|swoops?|travels?)\b",
    ),
    ("move", rf"{_LENS}移动"),
)
_MOVE_PATTERNS = tuple((kind, re.compile(pattern, re.IGNORECASE)) for kind, pattern in _MOVES)
_DIRECTION = re.compile(r"\b(left|right|up|down|in|out)\b|([左右上下])")
_LOCKED = re.compile(
    r"\b(?:static|fixed|stationary|locked(?:[- ](?:off|down))?) "
    r"(?:camera|shot|frame|framing|wide|medium|close)|"
    r"\bcamera:? (?:\w+ )?(?:locked|static|fixed|stationary|still|steady|holds|unmoving)\b|"
    r"\block(?:ed)?[- ](?:off|down)\b|\bon a tripod\b|\btripod (?:shot|camera)\b|\[static shot\]|"
    r"\bcamera (?:does not|doesn['’]t|never) move\b|\bno camera (?:move|movement|motion)s?\b|"
    r"固定镜头|镜头固定|静止镜头|镜头静止|固定机位|机位固定|镜头不动|镜头保持",
    re.IGNORECASE,
)
_MENTIONED = re.compile(
    r"\bcamera\b|\bhand-?held\b|\bdrone\b|\baerial\b|\bPOV\b|\bsteadicam\b|\bgimbal\b|\bdolly\b|"
    r"镜头|机位|手持|航拍|运镜|视角",
    re.IGNORECASE,
)


class Move(NamedTuple):
    """One movement of the camera, and the words for it."""

    kind: str
    words: str
    start: int


def camera_moves(text: str) -> tuple[Move, ...]:
    """Return the different movements in a text, in order; the same one said again counts once.

    One whose sentence denies it (`no zoom`) is none.
    """
    line = flat(text)
    found: list[Move] = []
    taken_to = -1
    matches = sorted(
        ((m.start(), -m.end(), kind, m) for kind, p in _MOVE_PATTERNS for m in p.finditer(line)),
        key=lambda match: match[:3],
    )
    for start, _, kind, match in matches:
        if start < taken_to or is_denied(line, start):
            continue
        taken_to = match.end()
        found.append(Move(kind, match[0].strip(" ,.;"), start))
    once: dict[tuple[str, str], Move] = {}
    for move in found:
        once.setdefault((move.kind, _direction(move, line)), move)
    return tuple(once.values())


def _direction(move: Move, line: str) -> str:
    said = _DIRECTION.search(line, move.start, move.start + len(move.words) + 6)
    return said[0] if said and move.kind in {"pan", "tilt", "truck", "pedestal", "zoom"} else ""


def locked_camera(text: str) -> str | None:
    """Return the words that lock the camera, or None."""
    found = _LOCKED.search(flat(text))
    return found[0] if found else None


def says_something_of_the_camera(text: str) -> bool:
    """Tell whether a text directs the camera at all, be it to stand still."""
    line = flat(text)
    return bool(_MENTIONED.search(line) or _LOCKED.search(line) or camera_moves(line))
