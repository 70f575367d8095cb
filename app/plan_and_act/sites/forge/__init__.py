"""Emberforge, a code-hosting site: projects, contributors, profiles, issues, search."""

from plan_and_act.sites.forge.app import forge_app

__all__ = ["forge_app"]
