"""The clock jumps by a day, ahead or back, in every state of a device authorization."""

import pytest

from server.core.states import State
from tests.faults.scene import DAY
from tests.server.stage import Stage

JUMPS = [DAY, -DAY]
LIFETIME = 600


class Device:
    """A device whose code was brought to some state, ten seconds into its life."""

    def __init__(self, stage: Stage, state: State) -> None:
        self._stage = stage
        self._session = stage.session()
        codes = stage.start()
        self.device_code = codes["device_code"]
        self.user_code = codes["user_code"]
        stage.clock.advance(10)
        if state is not State.PENDING:
            self._reference = stage.claim(self.user_code, self._session)
        if state in {State.APPROVED, State.REDEEMED}:
            self.approve()
        self.tokens = self._stage.poll(self.device_code).json if state is State.REDEEMED else {}

    def approve(self) -> State:
        """Approve what is claimed; return how it stands then."""
        outcome = self._stage.server.approve(self._reference, self._session)
        assert hasattr(outcome, "state")
        return outcome.state

    def error(self) -> str:
        """Poll and return the error, "None" with tokens."""
        return self._stage.error(self.device_code)


UNDECIDED = [State.PENDING, State.CLAIMED]


@pytest.mark.parametrize("state", [*UNDECIDED, State.APPROVED])
def test_a_day_ahead_frees_nothing(stage: Stage, state: State) -> None:
    """A code that seems too old earns nothing, approved or not. STM-14."""
    device = Device(stage, state)
    stage.clock.advance(DAY)
    assert device.error() == "expired_token"
    assert "error" in (stage.poll(device.device_code).json or {})


def test_nothing_is_approved_a_day_ahead(stage: Stage) -> None:
    """A person who decides while the clock is wrong is told; nothing is written. STM-14."""
    device = Device(stage, State.CLAIMED)
    stage.clock.advance(DAY)
    assert device.approve() is State.EXPIRED
    stage.clock.advance(-DAY)
    assert device.error() == "authorization_pending"


@pytest.mark.parametrize("jump", JUMPS)
def test_a_jump_and_back_kills_no_waiting_code(stage: Stage, jump: float) -> None:
    """When the clock is right again, the code is as good as before. STM-14."""
    device = Device(stage, State.CLAIMED)
    stage.clock.advance(jump)
    device.error()
    stage.clock.advance(-jump)
    assert device.approve() is State.APPROVED
    assert device.error() == "None"


@pytest.mark.parametrize("jump", JUMPS)
def test_a_jump_and_back_kills_no_approval(stage: Stage, jump: float) -> None:
    """When the clock is right again, an approved code earns its tokens. STM-14."""
    device = Device(stage, State.APPROVED)
    stage.clock.advance(jump)
    stage.clock.advance(-jump)
    assert device.error() == "None"


@pytest.mark.parametrize("jump", JUMPS)
@pytest.mark.parametrize("state", UNDECIDED)
def test_a_jump_and_back_adds_no_time(stage: Stage, state: State, jump: float) -> None:
    """A code ends when it would have ended without the jump. STM-14."""
    device = Device(stage, state)
    stage.clock.advance(jump)
    device.error()
    stage.clock.advance(-jump)
    stage.clock.advance(LIFETIME - 11)
    assert device.error() in {"authorization_pending", "slow_down"}
    stage.clock.advance(1)
    assert device.error() == "expired_token"


def test_a_day_back_stops_no_device(stage: Stage) -> None:
    """A waiting device is not told to slow down, and a person can approve. STM-14."""
    device = Device(stage, State.CLAIMED)
    assert device.error() == "authorization_pending"
    stage.clock.advance(-DAY)
    assert device.error() == "authorization_pending"
    assert device.approve() is State.APPROVED
    assert device.error() == "None"


@pytest.mark.parametrize("jump", JUMPS)
def test_a_redeemed_code_stays_redeemed(stage: Stage, jump: float) -> None:
    """No jump makes a used code earn a second time. STM-01, STM-14."""
    device = Device(stage, State.REDEEMED)
    stage.clock.advance(jump)
    assert device.error() == "invalid_grant"
    stage.clock.advance(-jump)
    assert device.error() == "invalid_grant"


@pytest.mark.parametrize("jump", JUMPS)
def test_a_jump_signs_no_device_out(stage: Stage, jump: float) -> None:
    """A device that was signed in refreshes during the jump and after it. STM-14."""
    tokens = Device(stage, State.REDEEMED).tokens or {}
    stage.clock.advance(jump)
    second = stage.refresh(tokens["refresh_token"])
    assert second.status_code == 200
    stage.clock.advance(-jump)
    assert stage.refresh((second.json or {})["refresh_token"]).status_code == 200


@pytest.mark.parametrize("jump", JUMPS)
def test_new_codes_work_after_a_jump(stage: Stage, jump: float) -> None:
    """Whatever was counted before a jump does not stop who comes after it. STM-14."""
    Device(stage, State.PENDING)
    stage.clock.advance(jump)
    assert stage.signed_in()["access_token"]
