"""What training must not know: the templates, the tasks and the entities that a model will be judged by."""

from collections.abc import Iterable, Sequence
from functools import cache

from plan_and_act.synthesis import practice
from plan_and_act.synthesis.similar import Seen, words

_PER_TEMPLATE = 10
_SHORTEST = 4
"""Characters of a name that says which thing is meant; `open` or `3` do not."""
_LIKE = 0.7
"""ROUGE-L from which a task is like a held-out one."""


class HeldOut:
    """Names and tasks that must not occur in training rows.

    Args:
        names: The names.
        templates: The templates of held-out tasks, which must not be trained on at all.
        tasks: Tasks of these templates, in words.
    """

    def __init__(self, names: Iterable[str], templates: Iterable[str] = (), tasks: Iterable[str] = ()) -> None:
        self.templates = frozenset(templates)
        self._tasks = Seen(_LIKE)
        for task in tasks:
            self._tasks.add(task)
        self._names = {tuple(words(name)): name for name in names if words(name)}
        self._lengths = sorted({len(name) for name in self._names})

    def __len__(self) -> int:
        return len(self._names)

    def like(self, task: str) -> bool:
        """Whether a task says what a held-out one says."""
        return task in self._tasks

    def named(self, *texts: str) -> str | None:
        """The first held-out name that occurs in one of the texts, as whole words; None when there is none."""
        for text in texts:
            said = words(text)
            for length in self._lengths:
                for start in range(len(said) - length + 1):
                    if found := self._names.get(tuple(said[start : start + length])):
                        return found
        return None


@cache
def held_out(sites: tuple[str, ...]) -> HeldOut:
    """What is held out on the practice sites among some sites; nothing where there are none.

    Names are those the tasks of the validation and test splits speak of and no task of training does. They are drawn
    from every template of the splits, and from every task of the lite set.
    """
    try:
        from plan_and_act.sites.tasks import TEMPLATES, Episode, episodes, lite
    except ImportError:  # without the extra `sites` there are none
        return HeldOut(())

    def names(found: Sequence[Episode]) -> set[str]:
        slots: set[str] = set()
        for episode in found:
            template = TEMPLATES[episode.template]
            if set(template.sites) & set(sites):
                slots.update(str(value) for value in episode.draw(template)[0].slots.values())
        # A colour or a kind of thing is no name; those are written with a capital.
        return {name for name in slots if len(name) >= _SHORTEST and not (name.islower() or name.isdigit())}

    count = _PER_TEMPLATE * len(TEMPLATES)
    judged = names([*lite(), *episodes("validation", count), *episodes("test", count)])
    trained = names(episodes("train", 4 * count))
    templates = [name for name, template in TEMPLATES.items() if template.split != "train"]
    # What tasks of training say in so many words is no name: "private" in "Make the project {project} private".
    phrasings = [text for template in TEMPLATES.values() if template.split == "train" for text in template.phrasings]
    said = " | ".join(f" {' '.join(words(text))} " for text in phrasings)
    ordinary = {name for name in judged if f" {' '.join(words(name))} " in said}
    tasks = [task for site in sites for task in practice.held_out(site)]
    return HeldOut(judged - trained - ordinary, templates, tasks)
