"""What tests may fake of the world: the clock."""


class FakeClock:
    """A clock that stands still until it is told otherwise. Plays `server.core.ports.Clock`."""

    def __init__(self, now: float = 1_800_000_000.0) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now

    def advance(self, seconds: float) -> None:
        """Let time pass; a negative number sets the clock back."""
        self.now += seconds
