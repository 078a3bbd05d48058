"""The frameworks that are recorded, one table from all families."""

from tests.frameworks.scenario import Scenario
from tests.frameworks.scenarios import (
    around_torch,
    huggingface,
    jax,
    keras,
    lightning,
    tensorflow,
    torch_files,
    trees,
)

FAMILIES = (torch_files, huggingface, lightning, around_torch, jax, keras, tensorflow, trees)
SCENARIOS: dict[str, Scenario] = {
    scenario.name: scenario for family in FAMILIES for scenario in family.SCENARIOS
}
