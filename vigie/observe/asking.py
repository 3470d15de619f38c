"""Questions that may never be answered (a server that hangs, a lost disk) are asked aside, until a deadline."""

import time
from collections.abc import Callable
from threading import Thread

from vigie.hints import Generic, TypeVar

T = TypeVar("T")


class TooLateError(Exception):
    """No answer came before the deadline; whoever was asked is left behind."""


class Asked(Generic[T]):
    """A question under way in a thread of its own, which never keeps the program from ending.

    Args:
        question: what to do aside; what it raises is raised again by `answer`.
    """

    def __init__(self, question: Callable[[], T]) -> None:
        self._question = question
        self._answers: list[T] = []
        self._error: BaseException | None = None
        self._thread = Thread(target=self._ask, daemon=True)
        self._thread.start()

    def answer(self, until: float) -> T:
        """The answer, waited for until a time of `time.monotonic`.

        Raises:
            TooLateError: when it did not come.
        """
        self._thread.join(max(0.0, until - time.monotonic()))
        if self._error is not None:
            raise self._error
        if not self._answers:
            raise TooLateError
        return self._answers[0]

    def _ask(self) -> None:
        try:
            self._answers.append(self._question())
        except BaseException as error:  # raised again by answer(), in the thread that asked
            self._error = error
