"""The report as Markdown: for a pull request, and for programs that read text.

It says what the page says, with the same labels and the same denominators. Texts of people and
providers stand as code, letter by letter: Markdown in them means nothing.
"""

from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal

from fal_experiments.core.labels import plural
from fal_experiments.core.markdown_text import block, code, link, picture, plain, table
from fal_experiments.core.money import format_usd, nano_from_usd
from fal_experiments.core.overview_model import Figure, TableView
from fal_experiments.core.report_axes import NOWHERE
from fal_experiments.core.report_lines import LabelledValue
from fal_experiments.core.report_model import CellView, ReportModel

NOT_BOUGHT = "not bought"
MOST_CELLS = 200
"""More rows than that nobody reads; the page and `fal-exp export` have all of them."""
SANDBOX_NOTE = (
    "> **Sandbox batch.** The clips were drawn by the tool itself: no model was called, no money "
    "moved, and nothing below says anything about a real model."
)


def report_markdown(model: ReportModel) -> str:
    """Return the report as a Markdown document whose links start in the report's folder."""
    parts = (
        _head(model),
        _facts("Totals", model.totals),
        _facts("Cost", model.cost),
        _facts("Held", model.held),
        _facts("Varied", model.varied),
        _facts("Strict evidence", model.strict),
        _table(model.overview.outcome) if model.overview.outcome else (),
        _troubles(model),
        _clips(model),
        _foot(model),
    )
    return "\n".join(line for part in parts for line in part)


def _head(model: ReportModel) -> Iterator[str]:
    yield f"# {plain(model.title)}"
    yield ""
    if model.sandbox:
        yield SANDBOX_NOTE
        yield ""
    state = model.state
    note = f" ({plain(state.note)})" if state.note else ""
    yield f"**{plain(state.label)}**: {plain(state.value)}{note}"
    yield ""
    ended = f" to {plain(model.finished_at)}" if model.finished_at else ""
    yield f"Batch {code(model.batch)}, {plain(model.started_at)}{ended}."
    yield ""
    for fault in model.unread:
        yield f"**Not read:** {plain(fault)}"
        yield ""
    if model.description:
        yield from block(model.description)
        yield ""


def _facts(title: str, lines: Sequence[LabelledValue]) -> Iterator[str]:
    if not lines:
        return
    yield f"## {title}"
    yield ""
    for line in lines:
        note = f" ({plain(line.note)})" if line.note else ""
        yield f"- {plain(line.label)}: {plain(line.value)}{note}"
    yield ""


def _table(view: TableView) -> Iterator[str]:
    yield f"## {plain(view.title)}"
    yield ""
    rows = (
        [
            _with_note(f"{row.mark} {row.title}".strip(), row.subtitle),
            *(_figure(figure) for figure in row.figures),
        ]
        for row in view.rows
    )
    yield from table([plain(heading.label) for heading in view.headings], rows)
    yield ""
    for heading in view.headings:
        if heading.says:
            yield f"- {plain(heading.label)}: {plain(heading.says)}"
    for note in view.notes:
        yield f"- {plain(note)}"
    yield ""


def _figure(figure: Figure) -> str:
    return _with_note(figure.value, figure.note)


def _with_note(value: str, note: str) -> str:
    return f"{plain(value)}<br>{plain(note)}" if note else plain(value)


def _troubles(model: ReportModel) -> Iterator[str]:
    """Yield what is not done, equal reasons together, with what it cost."""
    groups: dict[tuple[str, str, str], list[CellView]] = {}
    for cell in model.cells:
        if cell.state != "done" or cell.breach:
            why = f"not strict: {cell.breach}" if cell.breach else cell.reason
            groups.setdefault((cell.state, _preset(model, cell), why), []).append(cell)
    if not groups:
        return
    order = list(model.states)
    yield "## Not done, and not as asked"
    yield ""
    yield from table(
        ["State", "Preset", "Cells", "Cost", "Why"],
        (
            [
                plain(model.states[state].label),
                plain(preset),
                str(len(cells)),
                plain(_cost(model, cells)),
                code(why),
            ]
            for (state, preset, why), cells in sorted(
                groups.items(), key=lambda group: order.index(group[0][0])
            )
        ),
    )
    yield ""


def _cost(model: ReportModel, cells: Sequence[CellView]) -> str:
    """Return what cells are known to have cost together, and of how many it is not known."""
    place = next((i for i, view in enumerate(model.numbers) if view.key == "cost_usd"), None)
    bought = [cell for cell in cells if cell.cost_label not in {"", NOT_BOUGHT}]
    if not bought:
        return NOT_BOUGHT
    known = [
        cost
        for cell in bought
        if place is not None
        and len(cell.numbers) > place
        and (cost := cell.numbers[place]) is not None
    ]
    unknown = len(bought) - len(known)
    told = format_usd(sum(nano_from_usd(Decimal(str(cost))) for cost in known)) if known else ""
    return " and ".join(filter(None, (told, f"{unknown} not known" if unknown else "")))


def _clips(model: ReportModel) -> Iterator[str]:
    """Yield the clips, prompt by prompt, with their contact sheets."""
    shown = model.cells[:MOST_CELLS]
    by_prompt: dict[int, list[CellView]] = {}
    for cell in shown:
        by_prompt.setdefault(cell.prompt, []).append(cell)
    if shown:
        yield "## Clips"
        yield ""
    for index, cells in sorted(by_prompt.items()):
        prompt = model.prompts[index]
        yield f"### {plain(prompt.id)} ({prompt.task})"
        yield ""
        yield from block(prompt.text)
        yield ""
        head = ["Preset", "Run", "State", "Cost", "Submit to file", "Deviations", "Sheet", "Clip"]
        yield from table(head, (_clip(model, cell) for cell in cells))
        yield ""
    rest = len(model.cells) - len(shown)
    if rest > 0:
        yield f"{plural(rest, 'more cell')}: see {link('the page', 'index.html')}."
        yield ""


def _clip(model: ReportModel, cell: CellView) -> list[str]:
    name = _preset(model, cell)
    alt = f"contact sheet of {name}, {cell.run_label}"
    return [
        plain(name),
        plain(", ".join(filter(None, (_input(model, cell), cell.run_label)))),
        plain(model.states[cell.state].label),
        plain(cell.cost_label),
        plain(cell.time_label),
        "<br>".join(map(plain, cell.deviations)),
        picture(alt, cell.sheet.picture.href) if cell.sheet else "",
        link("clip", cell.video_href) if cell.video_href else "",
    ]


def _preset(model: ReportModel, cell: CellView) -> str:
    """Return `Kling 3.0 Pro · cfg scale 0.3`."""
    keys = [axis.key for axis in model.axes if axis.key == "preset" or axis.key[:5] == "axis:"]
    return " · ".join(_labels(model, cell, keys))


def _input(model: ReportModel, cell: CellView) -> str:
    return " · ".join(_labels(model, cell, ["input"]))


def _labels(model: ReportModel, cell: CellView, keys: Iterable[str]) -> Iterator[str]:
    wanted = set(keys)
    for axis, index in zip(model.axes, cell.at, strict=True):
        if axis.key in wanted and index != NOWHERE:
            yield axis.values[index].label


def _foot(model: ReportModel) -> Iterator[str]:
    files = [link(file.label, file.href) for file in model.files]
    yield " · ".join([link("the page", "index.html"), *files])
    yield ""
    yield plain(model.made_with)
    yield ""
