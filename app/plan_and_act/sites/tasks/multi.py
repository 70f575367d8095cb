"""Tasks that lead from one site to another: what is read on the first is needed on the second."""

from plan_and_act.sites.tasks.multi_board import AnnounceCity, PriceReply, ProjectOfTheMonth
from plan_and_act.sites.tasks.multi_issues import AskAuthor, OrderStatus, TripDeadline
from plan_and_act.sites.tasks.multi_look_ups import DaysAfterMilestone, NobodyThere
from plan_and_act.sites.tasks.template import Template

TEMPLATES: tuple[Template, ...] = (
    TripDeadline(),
    AskAuthor(),
    ProjectOfTheMonth(),
    AnnounceCity(),
    PriceReply(),
    OrderStatus(),
    DaysAfterMilestone(),
    NobodyThere(),
)
