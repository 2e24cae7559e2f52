"""Actions that follow one another in a text, in English or Chinese; counted with caution.

A sentence, or what `then` begins, holds at most one: things that happen at once are joined in one
sentence (`lifts her gaze as the door opens`). What merely goes on (breathes, sways, drifts) is
none, and neither is a word that is a thing as often as a deed (falls, steps, leaves).
"""

import re

from fal_experiments.core.prompt_language import is_denied, sentences

_DEEDS = (
    "walks|runs(?! (?:along|through|across|down|into|between))|sprints|jogs|tiptoes|marches|jumps|"
    "leaps|climbs|crawls|kneels|"
    "sits (?:down|up|back)|stands up|gets up|lies down|turns(?! (?:on|off|into|red|green|gold))|"
    "spins|throws|catches|picks? up|puts (?:down|on|away)|opens|enters|grabs|swings|strikes|"
    "attacks|raises|lifts|pours|drinks|eats|"
    "hugs|kisses|bows|nods|kicks|punches|dodges|swims|dives|dances|shakes|hands over|unscrews|"
    r"sheathes|draws(?= (?:his|her|their|a|the)\b)|crosses|reaches (?:for|out)|smashes|salutes"
)
_DEED = re.compile(rf"\b(?:{_DEEDS})(?=\W|$)", re.IGNORECASE)
_DEED_ZH = re.compile(
    r"奔跑|跑(?:向|进|过|出)|走(?:向|进|过|出|来|到)|行走|跳(?:起|上|下|跃)|转身|回头|坐下|站起|起身|"
    r"拿起|放下|打开|推开|拉开|关上|举起|挥[剑刀手舞]|拔[剑刀出]|劈[下砍]|攻击|扔|抓住|拥抱|跪下|"
    r"倒[茶水酒]|喝|点头|蹲下|躺下|爬[上起]|伸手|敬礼"
)
_NEXT = re.compile(
    r",?\s+(?:and\s+)?then\b|\bafter that\b|\bafterwards\b|然后|接着|随后|之后|紧接着",
    re.IGNORECASE,
)
_CAMERA = re.compile(
    r"\bcamera\b|\b(?:shot|scene|clip|film|video) opens\b|镜头|运镜", re.IGNORECASE
)
_CLAUSE_END = re.compile(r"[,，:：]")
_SPOKEN = re.compile(r'"[^"]*"|“[^”]*”|「[^」]*」')
_TAG = re.compile(r"\[[^\]]*\]|\b(?:SFX|Ambient|Ambience|AUDIO|MUSIC|Music|VOICE)\s*:[^.。\n]*")


def actions(text: str) -> list[str]:
    """Return the deeds that follow one another, each named once, in order.

    Speech, tags and layers of sound are left out, and whatever is said of the camera.
    """
    told = _TAG.sub(" ", _SPOKEN.sub(" ", text))
    found: dict[str, None] = {}
    for sentence in sentences(told):
        for segment in _NEXT.split(sentence):
            deed = _first_deed(segment)
            if deed:
                found[deed] = None
    return list(found)


def _first_deed(segment: str) -> str | None:
    for pattern in (_DEED, _DEED_ZH):
        for found in pattern.finditer(segment):
            clause = _CLAUSE_END.split(segment[: found.start()])[-1]
            rest = _CLAUSE_END.split(segment[found.start() :])[0]
            if not is_denied(segment, found.start()) and not _CAMERA.search(clause + rest):
                return found[0].lower()
    return None
