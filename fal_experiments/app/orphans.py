"""Lines of a bill that no attempt explains: kept, shown with what a person said, or ignored."""

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime

from fal_experiments.app.batch import Batch
from fal_experiments.app.ledger import read_rows
from fal_experiments.core.books import Orphan
from fal_experiments.core.labels import plural
from fal_experiments.core.money import format_usd
from fal_experiments.core.usage import UsageLine
from fal_experiments.storage.orphans import OrphanFile


def strange_lines(
    lines: Iterable[UsageLine], window: tuple[datetime, datetime]
) -> tuple[list[UsageLine], list[UsageLine]]:
    """Return the lines of requests that have one in a window, and all others."""
    lines = list(lines)
    inside = {line.name for line in lines if line.may_lie_in(window)}
    return (
        [line for line in lines if line.name in inside],
        [line for line in lines if line.name not in inside],
    )


def orphans_between(
    batch: Batch,
    inside: Sequence[UsageLine],
    window: tuple[datetime, datetime],
    elsewhere: Collection[str],
    *,
    dry_run: bool,
    with_earlier: bool = True,
) -> list[Orphan]:
    """Return the lines of a window that no attempt explains, with what was said of them.

    Lines that were seen earlier are among them if wanted, and new ones are kept unless it is a
    dry run.

    Args:
        inside: as `strange_lines` tells them.
        elsewhere: requests that an attempt explains.
    """
    file = OrphanFile(batch.tree)
    if not dry_run:
        file.add(inside)
    known, decisions = file.read()
    # what a bill says of a request now takes the place of what one said earlier, or elsewhere
    told = {line.request_id for line in inside if line.request_id}
    shown = {}
    if with_earlier:
        earlier, _ = strange_lines(known.values(), window)
        shown = {line.digest: line for line in earlier if line.request_id not in told}
    shown |= {line.digest: line for line in inside}
    orphans = []
    amounts = Counter[str]()
    for line in shown.values():
        amounts[line.name] += line.nano_usd
    for line in sorted(shown.values(), key=lambda line: (line.at, line.at_text, line.digest)):
        if line.request_id in elsewhere:
            continue
        said = decisions.get(line.name)
        if said is not None and said.nano_usd not in {None, amounts[line.name]}:
            said = None
        orphans.append(
            Orphan(line=line, decision=said.decision, reason=said.reason)
            if said
            else Orphan(line=line)
        )
    return orphans


def about_gone(
    batch: Batch,
    inside: Sequence[UsageLine],
    window: tuple[datetime, datetime],
    elsewhere: Collection[str],
) -> list[str]:
    """Return what to say of lines that were read earlier, and that the whole bill does not hold."""
    known, decisions = OrphanFile(batch.tree).read()
    told = {line.name for line in inside}
    earlier, _ = strange_lines(known.values(), window)
    gone = [
        line
        for line in earlier
        if line.name not in told | set(decisions) and line.request_id not in elsewhere
    ]
    if not gone:
        return []
    amount = format_usd(sum(line.nano_usd for line in gone))
    said = (
        f"{plural(len(gone), 'line')} without an attempt ({amount} together), read earlier from "
        f"{gone[0].source}, not in the provider's bill now: in no sum here"
    )
    return [said]


def requests_on_ledger(batch: Batch) -> set[str]:
    """Return the ids of all requests on the ledger of a batch's tree."""
    rows = read_rows(batch.project, sandbox=batch.is_sandbox)
    return {row.request_id for row in rows if row.request_id}
