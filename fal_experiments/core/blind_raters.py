"""Whether the raters of several files of votes are who they seem. Pure.

A name is all that is known of a rater: two people may share one, and one may write it in two ways.
"""

import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence

from fal_experiments.core.votes import Vote, fold_votes


def disputed(files: Sequence[Iterable[Vote]]) -> dict[str, int]:
    """Return how many ballots each rater answered differently in several files.

    Raters without such a ballot are not in it.
    """
    answers: dict[tuple[str, str, str], set[tuple[str | None, ...]]] = {}
    for votes in files:
        for vote in fold_votes(votes):
            said = (vote.outcome, vote.best, vote.worst)
            answers.setdefault(vote.key, set()).add(said)
    return dict(Counter(rater for (rater, *_), said in answers.items() if len(said) > 1))


def look_alikes(names: Iterable[str]) -> list[tuple[str, ...]]:
    """Return names that differ in case, spaces or the form of their letters only, together."""
    alike: dict[str, set[str]] = {}
    for name in names:
        plain = unicodedata.normalize("NFKC", " ".join(name.split())).casefold()
        alike.setdefault(plain, set()).add(name)
    return [tuple(sorted(group)) for group in alike.values() if len(group) > 1]
