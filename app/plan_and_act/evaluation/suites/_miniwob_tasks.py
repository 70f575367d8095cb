"""The 130 tasks of MiniWoB++ by what they ask of an agent (miniwob 1.1.0; grouped from a look at every page)."""

from typing import Literal

Type = Literal[
    "dom-click", "dom-form", "dom-multistep", "dom-colour", "svg", "svg-coordinates", "pixels", "slider", "drag",
    "draw", "selection", "real-time",
]  # fmt: skip

PURE_DOM: tuple[Type, ...] = ("dom-click", "dom-form", "dom-multistep")
"""The types that text and the actions of an agent suffice for: 85 tasks."""

NEEDS: dict[Type, str] = {
    "dom-click": "",
    "dom-form": "",
    "dom-multistep": "",
    "dom-colour": "colours in the observation, or vision",
    "svg": "fill and size of svg shapes in the observation, or vision",
    "svg-coordinates": "clicks at coordinates inside a drawing",
    "pixels": "vision: the answer is painted on a canvas",
    "slider": "arrow keys or dragging on a slider, or scrolling to a position",
    "drag": "dragging with the mouse",
    "draw": "a path drawn with the mouse",
    "selection": "selecting a part of a text",
    "real-time": "acting while the page moves; not in BrowserGym's 125, except stock-market",
}
"""What a type needs that the text observation and the actions of an agent do not give; empty where they suffice."""

_LISTS: dict[Type, str] = {
    "dom-click": """
        click-button click-button-sequence click-checkboxes click-checkboxes-large click-checkboxes-soft
        click-checkboxes-transfer click-collapsible click-collapsible-2 click-collapsible-2-nodelay
        click-collapsible-nodelay click-dialog click-dialog-2 click-link click-menu click-menu-2 click-option click-tab
        click-tab-2 click-tab-2-easy click-tab-2-hard click-tab-2-medium click-test click-test-2 click-test-transfer
        click-widget focus-text focus-text-2 navigate-tree unicode-test""",
    "dom-form": """
        choose-list click-scroll-list copy-paste copy-paste-2 enter-date enter-password enter-text enter-text-2
        enter-text-dynamic enter-time find-word form-sequence-2 form-sequence-3 login-user login-user-popup
        multi-layouts multi-orderings read-table read-table-2 scroll-text sign-agreement simple-algebra
        simple-arithmetic text-transform use-autocomplete use-autocomplete-nodelay use-spinner""",
    "dom-multistep": """
        book-flight book-flight-nodelay buy-ticket choose-date choose-date-easy choose-date-medium choose-date-nodelay
        email-inbox email-inbox-delete email-inbox-forward email-inbox-forward-nl email-inbox-forward-nl-turk
        email-inbox-important email-inbox-nl-turk email-inbox-noscroll email-inbox-reply email-inbox-star-reply
        find-greatest generate-number guess-number odd-or-even order-food phone-book search-engine social-media
        social-media-all social-media-some terminal tic-tac-toe""",
    "dom-colour": "click-color click-shades number-checkboxes use-colorwheel use-colorwheel-2",
    "svg": """
        ascending-numbers click-pie click-pie-nodelay click-shape count-shape grid-coordinate identify-shape
        visual-addition""",
    "svg-coordinates": "bisect-angle circle-center find-midpoint hot-cold right-angle",
    "pixels": "count-sides",
    "slider": "form-sequence scroll-text-2 use-slider use-slider-2",
    "drag": """
        daily-calendar drag-box drag-circle drag-cube drag-items drag-items-grid drag-shapes drag-shapes-2
        drag-single-shape drag-sort-numbers resize-textarea""",
    "draw": "draw-circle draw-line",
    "selection": "highlight-text highlight-text-2 text-editor",
    "real-time": "button-delay chase-circle hover-shape moving-items simon-says stock-market",
}

TASKS: dict[str, Type] = {task: kind for kind, tasks in _LISTS.items() for task in tasks.split()}
"""Type by task."""

VARIES = frozenset({"chase-circle", "click-pie", "moving-items", "stock-market"})
"""Pages that are not the same every time under one seed; their goals are."""
SAME = frozenset({"click-dialog", "count-sides", "guess-number", "hot-cold", "simon-says", "tic-tac-toe"})
"""Pages on which seeds make no difference that can be seen at the beginning."""
