"""An SVG of a library → the same picture in the elements and attributes that are named here."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from html import escape
from typing import NamedTuple
from xml.parsers import expat

from fal_experiments.core.hrefs import is_local_href
from fal_experiments.core.plots_parts import LINK_BASE

SHAPES = frozenset({"path", "line", "rect", "circle", "text", "tspan"})
ELEMENTS = SHAPES | {"svg", "g", "a", "title"}
ATTRIBUTES = frozenset(
    {
        *("transform", "d", "x", "y", "x1", "x2", "y1", "y2", "cx", "cy", "r", "width", "height"),
        *("fill", "stroke", "stroke-width", "stroke-dasharray", "stroke-linecap", "opacity"),
        *("fill-opacity", "stroke-opacity", "text-anchor", "font-size", "font-weight", "dy"),
    }
)
_VALUE = re.compile(r"[A-Za-z0-9 .,#()%+-]*|var\(--[a-z-]+\)")
_DECIMALS = re.compile(r"(\d+\.\d\d)\d+")
_CLASS = re.compile(r"role-[a-z-]+")
_EMPTY_PATHS = frozenset({"", "M0,0h0v0h0Z"})


class NotPlainSvg(ValueError):
    """A text that is no SVG, or declares a document type or entities."""


class Frame(NamedTuple):
    """What the picture is called, what it was drawn from, and where its links lead."""

    label: str
    key: str
    links: Sequence[str] = ()
    is_crowded: bool = False
    """True where the tabulator key passes the links by."""


@dataclass
class _Node:
    tag: str
    attributes: Mapping[str, str]
    children: "list[_Node | str]" = field(default_factory=list)


def plain_svg(svg: str, frame: Frame) -> str:
    """Return a picture with nothing in it but what is named above.

    A link is kept where it is the number of one of the frame, or one of them itself; what a mark is
    called becomes the name and the tooltip of its link. What goes in twice comes out the same.
    Raises: NotPlainSvg.
    """
    root = _parse(svg)
    if root.tag != "svg":
        raise NotPlainSvg(f"it begins with {root.tag}")
    size = {name: _checked(root.attributes.get(name, "")) for name in ("width", "height")}
    role = "group" if frame.links else "img"
    named = f'data-plot="{escape(frame.key)}" role="{role}" aria-label="{escape(frame.label)}"'
    head = (
        f'<svg class="plot" {named}'
        f' width="{size["width"]}" height="{size["height"]}" fill="none"'
        f' viewBox="0 0 {size["width"]} {size["height"]}">'
    )
    return f"{head}{''.join(_inside(root, frame))}</svg>"


def _parse(svg: str) -> _Node:
    """Return the tree of a text without any document type: nothing can be made to grow or load."""
    top = _Node("", {})
    open_ones = [top]
    parser = expat.ParserCreate(namespace_separator=None)
    parser.SetParamEntityParsing(expat.XML_PARAM_ENTITY_PARSING_NEVER)

    def begin(tag: str, attributes: dict[str, str]) -> None:
        node = _Node(tag, attributes)
        open_ones[-1].children.append(node)
        open_ones.append(node)

    def end(_tag: str) -> None:
        open_ones.pop()

    def said(text: str) -> None:
        open_ones[-1].children.append(text)

    def refuse(*_: object) -> None:
        raise NotPlainSvg("it declares a document type")

    parser.StartElementHandler = begin
    parser.EndElementHandler = end
    parser.CharacterDataHandler = said
    parser.StartDoctypeDeclHandler = refuse
    parser.EntityDeclHandler = refuse
    try:
        parser.Parse(svg.encode(), True)  # noqa: FBT003 - it is all of it
    except expat.ExpatError as exc:
        raise NotPlainSvg(f"it is no XML: {exc}") from exc
    return next(child for child in top.children if isinstance(child, _Node))


def _inside(node: _Node, frame: Frame) -> Iterator[str]:
    for child in node.children:
        if isinstance(child, str):
            if node.tag in {"text", "tspan", "title"}:
                yield escape(child)
        elif child.tag in ELEMENTS and not _is_empty(child):
            yield from _element(child, frame)


def _element(node: _Node, frame: Frame) -> Iterator[str]:
    inside = "".join(_inside(node, frame))
    if node.tag == "a":
        yield from _link(node, inside, frame)
    elif node.tag == "g":
        names = " ".join(_CLASS.findall(node.attributes.get("class", "")))
        kept = [(k, v) for k, v in _kept(node) if k == "transform"]
        # a group that does nothing costs a reader of the page as much as one that does
        if inside and (names or kept):
            yield _tag("g", [*([("class", names)] if names else []), *kept], inside)
        else:
            yield inside
    elif node.tag == "svg":
        yield inside
    else:
        yield _tag(node.tag, _kept(node), inside)


def _link(node: _Node, inside: str, frame: Frame) -> Iterator[str]:
    href = _address(node.attributes, frame.links)
    if href is None:
        yield inside
        return
    name = node.attributes.get("aria-label") or _name(node)
    # in a crowd the tooltip is the name too: it stands there hundreds of times
    more = ("tabindex", "-1") if frame.is_crowded else ("aria-label", name)
    attributes = [("href", href), more]
    shown = inside if "<title>" in inside else f"<title>{escape(name)}</title>{inside}"
    yield _tag("a", attributes, shown)


def _address(attributes: Mapping[str, str], links: Sequence[str]) -> str | None:
    href = attributes.get("xlink:href") or attributes.get("href") or ""
    number = href.removeprefix(LINK_BASE)
    if number != href and number.isdecimal() and int(number) < len(links):
        href = links[int(number)]
    return href if href in links and is_local_href(href) else None


def _name(node: _Node) -> str:
    """Return what the mark inside a link is called."""
    names = (c.attributes.get("aria-label") for c in node.children if isinstance(c, _Node))
    return next((name for name in names if name), "")


def _is_empty(node: _Node) -> bool:
    if node.attributes.get("display") == "none":
        return True
    is_shapeless = node.tag == "path" and node.attributes.get("d", "") in _EMPTY_PATHS
    is_ground = node.attributes.get("class") == "background" and "fill" not in node.attributes
    return is_shapeless or is_ground


def _kept(node: _Node) -> list[tuple[str, str]]:
    kept = (
        (name, _checked(value)) for name, value in node.attributes.items() if name in ATTRIBUTES
    )
    return [(name, value) for name, value in kept if value and (name, value) != ("opacity", "1")]


def _checked(value: str) -> str:
    """Return a value that can only be a number, a colour or a shape, shortened; else nothing."""
    return _DECIMALS.sub(r"\1", value) if _VALUE.fullmatch(value) else ""


def _tag(name: str, attributes: Sequence[tuple[str, str]], inside: str) -> str:
    written = "".join(f' {key}="{escape(value)}"' for key, value in attributes)
    return f"<{name}{written}>{inside}</{name}>" if inside else f"<{name}{written}/>"
