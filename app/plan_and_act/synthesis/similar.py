"""Whether a text says what another has said: ROUGE-L against all so far (Self-Instruct's filter, arXiv 2212.10560)."""

import math
import re
import sys
from array import array
from collections import defaultdict
from collections.abc import Sequence

_WORD = re.compile(r"\w+")


def words(text: str) -> list[str]:
    """The words of a text, in lower case."""
    return _WORD.findall(text.lower())


def rouge_l(one: Sequence[str], other: Sequence[str]) -> float:
    """ROUGE-L of two lists of words: F1 of their longest common subsequence, 0 to 1."""
    if not one or not other:
        return float(len(one) == len(other))
    # The bit-parallel algorithm of Hyyrö (2004): a row of the table is one integer.
    places: dict[str, int] = defaultdict(int)
    for place, word in enumerate(one):
        places[word] |= 1 << place
    row = full = (1 << len(one)) - 1
    for word in other:
        common = row & places.get(word, 0)
        row = ((row + common) | (row - common)) & full
    return 2 * (len(one) - row.bit_count()) / (len(one) + len(other))


class Seen:
    """The texts so far, which a new one must differ from.

    Args:
        similarity: ROUGE-L from which two texts are the same.
    """

    def __init__(self, similarity: float) -> None:
        self._similarity = similarity
        # Words are kept once and numbers unboxed: a hundred thousand texts take some 30 MB.
        self._texts: list[tuple[str, ...]] = []
        self._having: dict[str, array[int]] = defaultdict(lambda: array("I"))

    def __len__(self) -> int:
        return len(self._texts)

    def __contains__(self, text: str) -> bool:
        new = words(text)
        return any(rouge_l(self._texts[number], new) >= self._similarity for number in self._candidates(new))

    def add(self, text: str) -> bool:
        """Take a text, unless it is like one that was taken; whether it was."""
        if text in self:
            return False
        new = words(text)
        for word in set(new):
            self._having[word].append(len(self._texts))
        self._texts.append(tuple(map(sys.intern, new)))
        return True

    def _candidates(self, new: list[str]) -> list[int]:
        """Numbers of the texts that may be like it.

        A text of m words that is like one of n has at least s(n+m)/2 words in common with it, and so m is at least
        sn/(2-s). Whoever shares that many of n words has one of any n - that + 1 of them: the rarest are looked at. Of
        those, most have too few words in common, which is told faster than how they are ordered.
        """
        if not new:
            return [number for number, text in enumerate(self._texts) if not text]
        shared = math.ceil(self._similarity * len(new) / (2 - self._similarity) - 1e-9)
        rarest = sorted(new, key=lambda word: (len(self._having.get(word, ())), word))
        found: set[int] = set()
        for word in set(rarest[: len(new) - max(shared, 1) + 1]):
            found.update(self._having.get(word, ()))
        distinct, half = set(new), self._similarity / 2
        twice = len(new) - len(distinct)
        return [
            number
            for number in found
            if len(distinct.intersection(text := self._texts[number])) + twice >= half * (len(new) + len(text)) - 1e-9
        ]
