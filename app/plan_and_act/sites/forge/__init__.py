"""Emberforge, a code-hosting site: projects, contributors, profiles, issues, search."""

from plan_and_act.sites.forge.app import forge_app
from plan_and_act.sites.forge.tasks import demo_task

__all__ = ["demo_task", "forge_app"]
