"""Tasks on multi."""

from plan_and_act.sites.tasks.template import Template

TEMPLATES: tuple[Template, ...] = ()
