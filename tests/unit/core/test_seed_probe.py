"""A seed probe is one more cell of each preset that is sent seeds: the same request again."""

from fal_experiments.core.expand import expand
from fal_experiments.core.prompt import prompt_from_entry
from fal_experiments.core.sense import Materials
from tests.unit.core.materials import PLATE, SCHEMAS, SEEDED, SEEDLESS, spec

MATRIX = spec(seeds="1-2", repeats=2)
MATERIALS = Materials(
    [prompt_from_entry(entry) for entry in MATRIX.prompts], [SEEDED, SEEDLESS], SCHEMAS, [PLATE]
)


def test_one_cell_of_each_seeded_preset_is_bought_once_more() -> None:
    plain = expand(MATRIX, MATERIALS)
    probed = expand(MATRIX, MATERIALS, probe_seeds=True)

    (probe,) = probed.cells[len(plain.cells) :]
    first = next(cell for cell in plain.cells if cell.cell_id == probe.probe_of)
    assert probed.cells[: len(plain.cells)] == plain.cells
    assert probe.arguments == first.arguments
    assert probe.cell_id not in {cell.cell_id for cell in plain.cells}
    assert (probe.at.preset, probe.at.repeat, probe.run_label) == ("seeded", 3, "seed 1 · probe")


def test_a_probe_has_its_price() -> None:
    plain = expand(MATRIX, MATERIALS)
    probed = expand(MATRIX, MATERIALS, probe_seeds=True)

    assert probed.estimate.expected > plain.estimate.expected


def test_without_seeds_there_is_nothing_to_probe() -> None:
    matrix = MATRIX.model_copy(update={"seeds": None})

    assert all(c.probe_of is None for c in expand(matrix, MATERIALS, probe_seeds=True).cells)
