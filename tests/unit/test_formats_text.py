"""What real models write, read as actions."""

from typing import Any

import pytest
from langchain_core.messages import AIMessage

from plan_and_act.actions import ACTIONS, AnyAction, to_action
from plan_and_act.errors import ModelOutputError
from plan_and_act.llm import Reply
from plan_and_act.llm.formats import TextFormat, available
from plan_and_act.trajectory import Usage

ALL = available(ask=True, upload=True)
form = TextFormat(ALL)

EVERY_ACTION = [
    to_action(row)
    for row in (
        {"action": "click", "element": "Blue Kettle #17"},
        {"action": "click", "element": "Delete 'foo' #3", "step": 2, "note": "It costs 12 €"},
        {"action": "type", "element": "Name #4", "text": 'He said "no", (really)\nand left\\'},
        {"action": "type", "element": "Name #4", "text": "", "submit": True},
        {"action": "search", "element": "Search #5", "text": "kettles"},
        {"action": "select", "element": "Country #6", "option": "Côte d'Ivoire"},
        {"action": "hover", "element": "Menu #7"},
        {"action": "press", "key": "Control+a"},
        {"action": "scroll", "direction": "down"},
        {"action": "scroll", "direction": "up", "element": "List #8"},
        {"action": "go_back"},
        {"action": "go_forward"},
        {"action": "goto", "url": 'https://example.com/?q=a(b)&c="d"'},
        {"action": "switch_tab", "tab": 2},
        {"action": "close_tab"},
        {"action": "upload", "element": "Photo #9", "file": "photo.png"},
        {"action": "wait", "seconds": 1.5},
        {"action": "note", "note": "03:12 had 40 # visitors"},
        {"action": "finish", "answer": "Ada, with 12 commits; see exit(message=...)"},
        {"action": "give_up", "reason": "there is no shop"},
        {"action": "replan", "reason": "no results"},
        {"action": "ask", "question": "Which size?"},
    )
]


def act(action: str, **arguments: Any) -> AnyAction:
    return to_action({"action": action, **arguments})


def said(text: str, finish_reason: str = "stop") -> Reply:
    return Reply(AIMessage(text), Usage(), finish_reason)


def read(text: str) -> AnyAction:
    return form.parse(said(text)).action


@pytest.mark.parametrize("action", EVERY_ACTION, ids=lambda a: a.action)
def test_what_is_written_is_read_back(action: AnyAction) -> None:
    parsed = form.parse(said(form.render(action, "because it is\nnext")))
    assert parsed.action == action
    assert parsed.reasoning == "because it is next"


def test_every_action_has_a_form_that_the_parser_reads() -> None:
    assert {action.action for action in EVERY_ACTION} == set(ACTIONS)
    for name in ALL:
        assert read(form.form(name).partition(" or ")[0].replace('"NAME #NUMBER"', '"Name #1"')).action == name
        assert form.form(name) in form.instructions()


CLICK = act("click", element="Blue Kettle #17")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        # fences, prose, marks
        ('```python\ndo(action="Click", element="Blue Kettle #17")\n```', CLICK),
        ('The next action is:\n\ndo(action="Click", element="Blue Kettle #17")\n\nThis opens the page.', CLICK),
        ('I will now do(action="Click", element="Blue Kettle #17") to open it.', CLICK),
        ('Action: do(action="Click", element="Blue Kettle #17")', CLICK),
        ('1. `do(action="Click", element="Blue Kettle #17")`', CLICK),
        ('<think>\nMaybe do(action="Hover")?\n</think>\ndo(action="Click", element="Blue Kettle #17")', CLICK),
        # quotes and numbers
        ("do(action='Click', element='Blue Kettle #17')", CLICK),
        ("do(action=“Click”, element=“Blue Kettle #17”)", CLICK),
        ('do(action="Click", element="link "Blue Kettle #17"")', act("click", element='link "Blue Kettle #17"')),
        ("do(action='Click', element='link 'Blue Kettle #17'')", act("click", element="link 'Blue Kettle #17'")),
        ('do(action="Click", element=17)', act("click", element="#17")),
        ('do(action="Click", element="17")', act("click", element="17")),
        ("do(action=Click, element=Blue Kettle #17)", CLICK),
        ('do(action="Click", element=find_element_by_instruction(instruction="Blue Kettle #17"))', CLICK),
        # the paper's own sample has a bracket too many
        ('do(action="Click", element="Blue Kettle #17"})', CLICK),
        ('do(action="Click", element="Blue Kettle #17")}', CLICK),
        # other cases and names
        ('DO(action="CLICK", element="Blue Kettle #17")', CLICK),
        ('do("Click", "Blue Kettle #17")', CLICK),
        ('click(element="Blue Kettle #17")', CLICK),
        ('click("Blue Kettle #17")', CLICK),
        ('type("Name #4", "Ada")', act("type", element="Name #4", text="Ada")),
        ('do(action: "Click", element: "Blue Kettle #17")', CLICK),
        ('do(action="Press Enter")', act("press", key="Enter")),
        ('do(action="Scroll Up")', act("scroll", direction="up")),
        ('do(action="Scroll", argument="Down")', act("scroll", direction="down")),
        ('do(action="Go Backward")', act("go_back")),
        ("go_backward()", act("go_back")),
        ("go_back()", act("go_back")),
        ("go_forward()", act("go_forward")),
        ('do(action="Select", element="Size #2", argument="XL")', act("select", element="Size #2", option="XL")),
        ('do(action="Switch Tab", argument="2")', act("switch_tab", tab=2)),
        ('do(action="Wait")', act("wait")),
        ('do(action="Wait", argument="3")', act("wait", seconds=3)),
        ('exit("twelve")', act("finish", answer="twelve")),
        ("exit(message=12)", act("finish", answer="12")),
        ('stop(answer="twelve")', act("finish", answer="twelve")),
        # values with brackets, quotes and lines in them
        ('do(action="Type", element=4, argument="see (a) and (b)")', act("type", element="#4", text="see (a) and (b)")),
        ('do(action="Type", element=4, argument="say "yes", now")', act("type", element="#4", text='say "yes", now')),
        ('do(action="Type", element=4, argument="one\ntwo")', act("type", element="#4", text="one\ntwo")),
        ('do(action="Type", element=4, argument="""one\ntwo""")', act("type", element="#4", text="one\ntwo")),
        # JSON, as an object or a tool call written out
        ('{"action": "click", "element": "Blue Kettle #17"}', CLICK),
        ('```json\n{"name": "click", "arguments": {"element": "Blue Kettle #17"}}\n```', CLICK),
        ('<tool_call>{"name": "click", "arguments": "{\\"element\\": \\"Blue Kettle #17\\"}"}</tool_call>', CLICK),
        ('{"click": {"element": "Blue Kettle #17"}}', CLICK),
        ('1.click(element="Blue Kettle #17")', CLICK),
        # nothing on the page is called so, which it will be told
        ('click({{"element": "Blue Kettle"}})', act("click", element='{{"element": "Blue Kettle"}}')),
        ('# Step: 2²\ndo(action="Click", element="Blue Kettle #17")', CLICK.model_copy(update={"step": 2})),
        # the first of several: the others were decided on a page nobody has seen yet
        ('do(action="Click", element="Blue Kettle #17")\ngo_back()\nexit(message="done")', CLICK),
    ],
)  # fmt: skip
def test_it_takes_what_models_write(text: str, expected: AnyAction) -> None:
    assert read(text) == expected


def test_comments_become_step_note_and_reasoning() -> None:
    parsed = form.parse(
        said(
            "# Element: the link in the list of products\n# Step: step 2 of 4\n"
            "# Note: it costs 12; do(x) and exit( are words\n"
            'do(action="Click", element="Blue Kettle #17")'
        )
    )
    assert parsed.action == CLICK.model_copy(update={"step": 2, "note": "it costs 12; do(x) and exit( are words"})
    assert parsed.reasoning == "the link in the list of products"


def test_prose_before_the_action_is_its_reasoning() -> None:
    assert form.parse(said("The kettle is blue.\nexit(message='yes')")).reasoning == "The kettle is blue."


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "holds no action"),
        ("I would click the blue kettle.", "holds no action"),
        ('do(action="Fly", element="Blue Kettle #17")', 'There is no action "Fly"'),
        ('do(action="Click")', "`element` is missing"),
        ("exit()", "`answer` is missing"),
        ('do(action="Type", element="Name #4")', "`text` is missing"),
        ('do(action="Type", element="Name #4", argument="it goes on and', "does not end"),
        ('do(action="Click", element=', "cut off"),
        ('do(action="Click", element="Blue Kettle #17"', "cut off"),
        ('do(action="Switch Tab", argument="second")', "`tab` is not usable"),
        ('do(action="Type", element="Name #4", argument="' + "x" * 100_000 + '")', "does not end"),
        ('do(action="Type", element="Name #4", argument="' + "x" * 30_000 + '")', "at most 20000 characters"),
        ("do(" + "(" * 5_000, "cut off"),
        ('{"steps": ["a", "b"]}', "names no action"),
        ("switch_tab(tab=²)", "`tab` is not usable"),
        ("switch_tab(tab=" + "9" * 5_000 + ")", "`tab` is not usable"),
        ('{"action": "switch_tab", "tab": ' + "9" * 5_000 + "}", "holds no action"),
    ],
)
def test_a_wrong_answer_is_told_what_was_wrong_and_the_right_form(text: str, problem: str) -> None:
    with pytest.raises(ModelOutputError, match="Write it like this: ") as caught:
        form.parse(said(text))
    assert problem in str(caught.value)
    assert len(str(caught.value)) < 1_000


def test_the_first_call_counts_even_when_only_a_later_one_can_be_read() -> None:
    with pytest.raises(ModelOutputError, match="element"):
        read('do(action="Click")\nexit(message="done")')


def test_an_action_that_may_not_be_chosen_is_refused() -> None:
    with pytest.raises(ModelOutputError, match='no action "ask"'):
        TextFormat(available()).parse(said('ask(question="Which?")'))


def test_an_answer_cut_off_before_its_action_says_so() -> None:
    with pytest.raises(ModelOutputError, match="cut off before an action"):
        form.parse(said("Let me think about this at length", "length"))


def test_garbage_is_read_in_bounded_time() -> None:
    for text in ('do(action="' + '"a' * 30_000, "do(" * 20_000, "do(x='" + "')" * 30_000, '{"a":' * 10_000):
        with pytest.raises(ModelOutputError):
            read(text)
