"""The action space, defined once.

One pydantic model an action. From these models come the LangChain tools (`browser_tools`), the text format of the
executor prompts, the JSON schema of constrained decoding, the rounds in state and the rows of training data.

An action names an element by copying its label from the observation, name before number: `link "Blue Kettle #17"`.
Small models copy what they cannot look up; and when number and name disagree, the name says what was meant.
"""

import re
from typing import Annotated, Any, ClassVar, Literal, get_args

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, TypeAdapter

_REF = re.compile(r"#?(\d+)[\"'\]\s]*$")
# Role and quotes around a name. Observations print no double quotes inside names, so the first one opens the name.
_WRAPPED = re.compile(r"""^[\w-]+ (?:(["'])(?P<numbered>.*#\d+)\1$|"(?P<name>[^"]*))""", re.S)


def _as_label(value: Any) -> Any:
    """Models write `17`, `"17"`, `#17`, `[17]` or the whole label; all of them are labels."""
    return f"#{value}" if isinstance(value, int) and not isinstance(value, bool) else value


Label = Annotated[
    str,
    BeforeValidator(_as_label),
    Field(
        max_length=500, description='The element, copied from the page with its number, e.g. link "Blue Kettle #17".'
    ),
]


def ref_of(label: str) -> int | None:
    """The number at the end of an element's label, or None when there is none."""
    match = _REF.search(label)
    return int(match[1]) if match else None


def name_of(label: str) -> str:
    """The accessible name in an element's label, without role, quotes and number (may be empty)."""
    text = label.strip()
    if wrapped := _WRAPPED.match(text):
        text = wrapped["numbered"] or wrapped["name"]
    bare = _REF.sub("", _unquoted(text)).rstrip(" #[")
    return _unquoted(bare).strip()


def _unquoted(text: str) -> str:
    return text[1:-1] if len(text) > 1 and text[0] == text[-1] and text[0] in "\"'" else text


class BaseAction(BaseModel):
    """What every action can carry besides its own arguments."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    ends_run: ClassVar[bool] = False
    on_page: ClassVar[bool] = True
    """Whether the browser carries it out; the others steer the run itself."""

    step: int | None = Field(None, ge=1, description="The number of the plan's step this action works on.")
    note: str | None = Field(None, max_length=2_000, description="A fact from this page to remember for later.")


class Click(BaseAction):
    """Click an element."""

    action: Literal["click"] = "click"
    element: Label


class Type(BaseAction):
    """Replace the text of a field."""

    action: Literal["type"] = "type"
    element: Label
    text: str = Field(max_length=20_000, description="The text to type.")
    submit: bool = Field(False, description="Press Enter afterwards.")


class Search(BaseAction):
    """Type into a search field and press Enter."""

    action: Literal["search"] = "search"
    element: Label
    text: str = Field(max_length=2_000, description="The words to search for.")


class Select(BaseAction):
    """Choose an option of a drop-down list by its text; radio buttons and check boxes are clicked instead."""

    action: Literal["select"] = "select"
    element: Label
    option: str = Field(max_length=1_000, description="The option's visible text.")


class Hover(BaseAction):
    """Move the mouse over an element."""

    action: Literal["hover"] = "hover"
    element: Label


class Press(BaseAction):
    """Press a key of the keyboard, or a combination; buttons of the page are clicked instead."""

    action: Literal["press"] = "press"
    key: str = Field(
        max_length=60, description="A key as Playwright names it: Enter, Escape, Tab, ArrowDown, Control+a."
    )


class Scroll(BaseAction):
    """Scroll the page, or the scrollable area around an element, by two thirds of a screen."""

    action: Literal["scroll"] = "scroll"
    direction: Literal["down", "up"] = "down"
    element: Label | None = Field(None, description="An element inside the area to scroll; the page when left out.")


class GoBack(BaseAction):
    """Go back to the previous page."""

    action: Literal["go_back"] = "go_back"


class GoForward(BaseAction):
    """Go forward again after going back."""

    action: Literal["go_forward"] = "go_forward"


class Goto(BaseAction):
    """Open a URL."""

    action: Literal["goto"] = "goto"
    url: str = Field(max_length=4_000, description="The URL to open; relative ones start from the current page.")


class SwitchTab(BaseAction):
    """Make another tab the current one."""

    action: Literal["switch_tab"] = "switch_tab"
    tab: int = Field(ge=1, description="The tab's number in the list of tabs.")


class CloseTab(BaseAction):
    """Close the current tab."""

    action: Literal["close_tab"] = "close_tab"


class Upload(BaseAction):
    """Put a file from the folder of uploads into a file field."""

    action: Literal["upload"] = "upload"
    element: Label
    file: str = Field(max_length=255, description="The name of a file in the folder of uploads.")


class Wait(BaseAction):
    """Wait for something on the page that takes time."""

    action: Literal["wait"] = "wait"
    seconds: float = Field(2.0, gt=0, le=30, description="Seconds to wait.")


class Note(BaseAction):
    """Only remember a fact; the page stays as it is."""

    on_page: ClassVar[bool] = False
    action: Literal["note"] = "note"
    note: str = Field(max_length=2_000, description="The fact to remember.")


class Finish(BaseAction):
    """The task is done; give the answer it asks for, or say what was done."""

    ends_run: ClassVar[bool] = True
    on_page: ClassVar[bool] = False
    action: Literal["finish"] = "finish"
    answer: str = Field(max_length=100_000, description="The answer to the task, or one sentence on what was done.")


class GiveUp(BaseAction):
    """The task cannot be done; say why."""

    ends_run: ClassVar[bool] = True
    on_page: ClassVar[bool] = False
    action: Literal["give_up"] = "give_up"
    reason: str = Field(max_length=4_000, description="Why the task cannot be done.")


class Replan(BaseAction):
    """The plan does not fit what the page shows; ask for a new one."""

    on_page: ClassVar[bool] = False
    action: Literal["replan"] = "replan"
    reason: str = Field(max_length=4_000, description="What does not fit.")


class Ask(BaseAction):
    """Ask the person whose task it is for information that is missing."""

    on_page: ClassVar[bool] = False
    action: Literal["ask"] = "ask"
    question: str = Field(max_length=4_000, description="The question.")


AnyAction = (
    Click | Type | Search | Select | Hover | Press | Scroll | GoBack | GoForward | Goto | SwitchTab | CloseTab
    | Upload | Wait | Note | Finish | GiveUp | Replan | Ask
)  # fmt: skip
Action = Annotated[AnyAction, Field(discriminator="action")]
"""Any action, told apart by its `action` field."""

ACTIONS: dict[str, type[AnyAction]] = {model.model_fields["action"].default: model for model in get_args(AnyAction)}
"""Every action by name, in the order in which they are presented to models."""

_adapter: TypeAdapter[AnyAction] = TypeAdapter(Action)


def to_action(value: Any) -> AnyAction:
    """Validate a mapping as an action.

    Args:
        value: A mapping with the action's name under `action` and its arguments beside it.

    Raises:
        pydantic.ValidationError: When the name is unknown or an argument is missing, unknown or of the wrong type.
    """
    return _adapter.validate_python(value)


def to_dict(action: AnyAction) -> dict[str, Any]:
    """The action as plain JSON, name first, without what is at its default; `to_action` reads it back."""
    return {"action": action.action, **action.model_dump(exclude_defaults=True, exclude={"action"})}
