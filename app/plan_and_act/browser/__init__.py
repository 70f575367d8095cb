"""The browser: a pool of Playwright sessions, what a page looks like to a model, and the actions as tools."""

from plan_and_act.browser._setup import Setup, merged_har
from plan_and_act.browser.observation import Element, Observation, Observer
from plan_and_act.browser.perform import perform
from plan_and_act.browser.policy import OriginPolicy
from plan_and_act.browser.pool import BrowserPool, pool
from plan_and_act.browser.secrets import Secret, Secrets
from plan_and_act.browser.session import Session, SessionOptions
from plan_and_act.browser.tools import browser_tools

__all__ = [
    "BrowserPool",
    "Element",
    "Observation",
    "Observer",
    "OriginPolicy",
    "Secret",
    "Secrets",
    "Session",
    "SessionOptions",
    "Setup",
    "browser_tools",
    "merged_har",
    "perform",
    "pool",
]
