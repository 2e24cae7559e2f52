"""Endpoint ids that are widely copied and wrong, or gone: what is true, and what to use instead."""

from collections.abc import Iterable
from fnmatch import fnmatchcase
from typing import Annotated

from pydantic import Field

from fal_experiments.core.model import Record, Slug, Text, read_record
from fal_experiments.core.strict_yaml import Document


class Alias(Record):
    """One id, or a pattern with `*`, that is no preset and explains itself."""

    id: Text
    truth: Text
    """A sentence: what there really is."""
    use: tuple[Slug, ...] = ()
    """Presets that do what people expect of the id."""
    source: Text
    as_of: Text

    def fits(self, name: str) -> bool:
        """Tell whether a name is this id, or is meant by its pattern."""
        return fnmatchcase(name, self.id)

    @property
    def advice(self) -> str:
        """What to write in place of it."""
        return f"use {' or '.join(self.use)}" if self.use else "no preset takes its place"


class _AliasFile(Record):
    aliases: Annotated[tuple[Alias, ...], Field(min_length=1)]


def read_aliases(document: Document) -> tuple[Alias, ...]:
    """Return the aliases in a parsed file. Raises: BadInput with file and line."""
    return read_record(_AliasFile, document).aliases


def alias_of(name: str, aliases: Iterable[Alias]) -> Alias | None:
    """Return what a name is an alias for; an exact id goes before a pattern."""
    fitting = [alias for alias in aliases if alias.fits(name)]
    exact = (alias for alias in fitting if alias.id == name)
    return next(exact, fitting[0] if fitting else None)
