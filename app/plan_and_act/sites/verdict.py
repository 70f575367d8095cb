"""What a checker says about the end of an episode."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether the goal was reached, and everything that speaks against it, a phrase each."""

    problems: tuple[str, ...] = ()

    @property
    def passed(self) -> bool:
        """Whether nothing speaks against it."""
        return not self.problems
