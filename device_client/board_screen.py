"""A board's display, which may come loose, run out of memory or never have been there."""

import gc

from .show_text import TextDisplay


class Screen:
    """The board's display, opened at the first need; once it has failed, the console instead.

    feed  feed() is called before each picture, which may take as long as a watchdog is patient
    """

    def __init__(self, open_display, say, feed) -> None:  # type: ignore[no-untyped-def]
        self._open = open_display
        self._say = say
        self._feed = feed
        self._display: TextDisplay | None = None

    def show(self, flow) -> None:  # type: ignore[no-untyped-def]
        """As a display's."""
        self._do("show", flow)

    def finish(self, flow) -> None:  # type: ignore[no-untyped-def]
        """As a display's."""
        self._do("finish", flow)

    def wake(self) -> None:
        """As a display's that hides the code; nothing when there is no picture yet."""
        if self._display:
            self._do("wake")

    def _do(self, name: str, *arguments: object) -> None:
        self._feed()
        try:
            try:
                self._draw(name, arguments)
            except MemoryError as problem:
                self._say(told(problem))
                gc.collect()
                self._draw(name, arguments)
        except (OSError, MemoryError) as problem:
            self._say("No display: %s. Look at its wires." % told(problem))
            self._display = TextDisplay(self._say)
            self._draw(name, arguments)

    def _draw(self, name: str, arguments: tuple[object, ...]) -> None:
        self._display = self._display or self._open()
        getattr(self._display, name, bool)(*arguments)


def told(problem: BaseException) -> str:
    """What went wrong, in words: MemoryError and some others bring none."""
    return str(problem) or type(problem).__name__
