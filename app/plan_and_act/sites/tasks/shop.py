"""Tasks on the shop."""

from plan_and_act.sites.tasks import shop_account, shop_buying, shop_look, shop_office, shop_refused, shop_reports
from plan_and_act.sites.tasks.template import Template

TEMPLATES: tuple[Template, ...] = (
    *shop_look.TEMPLATES,
    *shop_buying.TEMPLATES,
    *shop_account.TEMPLATES,
    *shop_office.TEMPLATES,
    *shop_reports.TEMPLATES,
    *shop_refused.TEMPLATES,
)
"""Every template of the shop."""
