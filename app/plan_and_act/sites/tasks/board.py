"""Tasks on board, the discussion board."""

from plan_and_act.sites.tasks import board_care, board_compare, board_join, board_react, board_read, board_write
from plan_and_act.sites.tasks.template import Template

TEMPLATES: tuple[Template, ...] = (
    *board_compare.TEMPLATES,
    *board_read.TEMPLATES,
    *board_join.TEMPLATES,
    *board_react.TEMPLATES,
    *board_write.TEMPLATES,
    *board_care.TEMPLATES,
)
