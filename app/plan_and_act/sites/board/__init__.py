"""Commonplace, a discussion board: communities, threads, comments, votes, messages, moderation."""

from plan_and_act.sites.board.app import board_app

__all__ = ["board_app"]
