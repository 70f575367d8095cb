"""The plans that the practice tasks come with."""

import pytest

from plan_and_act.sites.tasks import TEMPLATES, WORLDS, Episode
from plan_and_act.sites.tasks.template import Template


@pytest.mark.parametrize("template", TEMPLATES.values(), ids=TEMPLATES)
def test_a_plan_says_what_the_task_says_and_no_more(template: Template) -> None:
    assert 2 <= len(template.plan) <= 6
    for seed in range(3):
        draw, _ = Episode(template.name, WORLDS[template.split], seed).draw(template)
        steps = [step.format(**draw.slots) for step in template.plan]
        assert all(step[0].isupper() and not step.endswith(".") and len(step) <= 200 for step in steps)
        if "person" in draw.data and "person" not in draw.slots:
            assert not any(str(draw.data["person"]) in step for step in steps)
