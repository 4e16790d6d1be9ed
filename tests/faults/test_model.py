"""Any order of events, against a small model of what should come of it.

`FAULT_EXAMPLES` is how many orders are tried on each backend.
"""

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import count as numbers
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from server.app import build
from server.core.records import Session
from server.core.tokens import digest
from server.core.user_interaction import Refused
from server.storage.cleaning import clean
from server.storage.schema import metadata
from tests.fakes import FakeClock
from tests.faults.conftest import NewDatabase
from tests.faults.scene import CHALLENGE, DAY, NOW, VERIFIER, Scene, count, unlimited
from tests.server.stage import Stage

EXAMPLES = count("FAULT_EXAMPLES", 30)
STEPS = count("FAULT_STEPS", 60)
pytestmark = pytest.mark.timeout(60 + 2 * EXAMPLES)

MOST_DEVICES = 6
LIFETIME, INTERVAL = 600, 5
COMEBACK = 65  # seconds after the approval
IDLE, HOUR = 30 * DAY, 3600
PEOPLE = ("ada", "ben")
A_WHILE = st.sampled_from([0.1, 1, 4, 5, 6, 14])
A_JUMP = st.sampled_from([30, 300, 600, 1200, HOUR, DAY, 31 * DAY, -1, -HOUR, -DAY])
SELDOM = st.integers(0, 4).map(lambda number: number == 4)
GOING = frozenset({"pending", "claimed", "approved"})
STAGES = range(6)  # how many steps of the usual way a device has taken
CLIENTS = ("tv", "careful")  # the second one's devices complete an approval by a number
STRANGE_CLIENT = st.sampled_from(["", "", "", "radio"])
STRANGERS = st.tuples(st.sampled_from(PEOPLE), st.integers(0, 1))


def drawn() -> Iterator[bytes]:
    """Yield entropy that is the same in every run, so that a failure can be replayed."""
    for number in numbers():
        yield hashlib.sha512(number.to_bytes(8)).digest()


@dataclass
class Token:
    """A refresh token as the model sees it."""

    number: int
    expires_at: float


@dataclass
class Family:
    """A grant as the model sees it: which of its refresh tokens are good."""

    client: str
    began_at: float
    access_token: str
    access_ends_at: float
    alive: bool = True
    current: int = 0
    newest: int = 1
    tokens: dict[str, Token] = field(default_factory=dict)

    @property
    def ends_at(self) -> float:
        """When it ends, however often it is refreshed."""
        return self.began_at + 365 * DAY

    def cleaned(self, now: float) -> None:
        """Forget what has been dead for as long as an access token lives."""
        self.tokens = {
            secret: token for secret, token in self.tokens.items() if token.expires_at > now - HOUR
        }
        if not self.tokens and self.began_at <= now - HOUR:
            self.alive = False


@dataclass
class Device:
    """A device authorization as the model sees it: the table, written out."""

    client: str
    device_code: str
    user_code: str
    bound: bool
    issued_at: float
    state: str = "pending"
    owner: str | None = None
    browser: int | None = None
    reference: str = ""
    decided_at: float = 0
    redeemed_at: float = 0
    gap: int = INTERVAL
    polled_at: float | None = None
    families: list[Family] = field(default_factory=list)
    gone: bool = False

    def at(self, now: float) -> str:
        """Return the state at a time."""
        end = self.issued_at + LIFETIME
        if self.state == "approved":
            end = max(end, self.decided_at + COMEBACK)
        timed = self.state in {"pending", "claimed", "approved"}
        return "expired" if timed and now >= end else self.state

    def moments(self) -> list[float]:
        """Return the times at which something changes for this device."""
        return [
            (self.polled_at or self.issued_at) + self.gap - 0.5,
            self.issued_at + LIFETIME,
            self.decided_at + COMEBACK,
            self.redeemed_at + 60,
            self.issued_at + 2 * LIFETIME,
            *(family.access_ends_at for family in self.families),
        ]

    def whose(self, stranger: tuple[str, int], strange: bool) -> tuple[str, int]:
        """Return who comes, in which browser: the owner, unless it is to be strange."""
        if strange or self.owner is None or self.browser is None:
            return stranger
        return self.owner, self.browser

    def cleaned(self, now: float) -> None:
        """Go, once nobody can need it."""
        told = self.issued_at + 2 * LIFETIME
        missed = (self.decided_at or self.issued_at) + 2 * INTERVAL + COMEBACK
        served = (self.redeemed_at or self.issued_at) + 60
        self.gone = self.gone or now >= max(told, missed, served)

    def too_early(self, now: float) -> bool:
        """Note a poll of a device that waits; tell whether it came too early."""
        if self.polled_at is None or now < self.polled_at:
            self.gap, self.polled_at = INTERVAL, now
        elif now - self.polled_at < self.gap - 0.5:
            self.gap = max(self.gap, min(self.gap + 5, 60))
            return True
        else:
            self.polled_at = now
        return False


class Life(RuleBasedStateMachine):
    """Devices, two people with two browsers each, a clock, and whoever holds tokens."""

    url = ""  # set by the test

    @initialize(
        stages=st.lists(
            st.tuples(st.sampled_from(CLIENTS), st.booleans(), st.sampled_from(STAGES)), max_size=2
        )
    )
    def begin(self, stages: list[tuple[str, bool, int]]) -> None:
        """Start on an empty database, with devices that have come some of the way."""
        entropy = drawn()
        self.clock = FakeClock(NOW)
        application = build(
            unlimited(self.url), self.clock, lambda size: next(entropy)[:size].ljust(size, b"x")
        )
        with application.database.writing() as connection:
            for table in reversed(metadata.sorted_tables):
                if table.name != "signing_keys":
                    connection.execute(table.delete())
        stage = Stage(application, self.clock, "front door")
        stage.add_account("ben")
        stage.register("radio")
        stage.register("careful", return_code=True)
        self.scene = Scene(application, self.clock)
        self.devices: list[Device] = []
        self.families: list[Family] = []
        for client, bound, stage_reached in [("tv", True, 0), *stages]:
            device = self.start(client, bound)
            self.clock.advance(1)
            for step in self.usual_way(device)[:stage_reached]:
                step()

    def teardown(self) -> None:
        """Leave the database."""
        if hasattr(self, "scene"):
            self.scene.close()

    def session(self, person: str, browser: int) -> Session:
        """Return a browser in which the person is signed in."""
        return Session(
            bytes([PEOPLE.index(person), browser]) * 16, f"subject of {person}", NOW, NOW
        )

    def some(self, data: st.DataObject, strange: bool, states: frozenset[str] = GOING) -> Device:
        """Return a device, one in one of these states unless it is to be strange."""
        going = [one for one in self.devices if one.at(self.clock.now) in states]
        return data.draw(st.sampled_from(self.devices if strange else going or self.devices))

    def has_devices(self) -> bool:
        """Tell whether there is anything to do something with."""
        return bool(getattr(self, "devices", ()))

    def has_families(self) -> bool:
        """Tell whether anybody has tokens."""
        return bool(getattr(self, "families", ()))

    @precondition(lambda self: len(self.devices) < MOST_DEVICES)
    @rule(client=st.sampled_from(CLIENTS), bound=st.booleans())
    def another(self, client: str, bound: bool) -> None:
        """Another device asks for its codes."""
        self.start(client, bound)

    def start(self, client: str, bound: bool) -> Device:
        """Ask for codes."""
        told = self.scene.start(client_id=client, **(CHALLENGE if bound else {}))
        device = Device(client, told["device_code"], told["user_code"], bound, self.clock.now)
        self.devices.append(device)
        return device

    def usual_way(self, device: Device) -> list[Callable[[], None]]:
        """Return the steps of a sign-in, and of the life after it."""
        return [
            lambda: self.claim_by(device, "ada", 0),
            lambda: self.decide_by(device, "ada", 0, "approve"),
            lambda: self.poll_as(device, device.client, "right", "right"),
            lambda: self.refresh_with(device.families[-1], device.client, 1),
            lambda: self.refresh_with(device.families[-1], device.client, 2),
        ]

    @precondition(has_devices)
    @rule(data=st.data(), stranger=STRANGERS, strange=SELDOM)
    def claim(self, data: st.DataObject, stranger: tuple[str, int], strange: bool) -> None:
        """A person enters a code; a second one who does so ends it."""
        device = self.some(data, strange)
        self.claim_by(device, *device.whose(stranger, strange))

    def claim_by(self, device: Device, person: str, browser: int) -> None:
        """Enter a code, and say what should come of it."""
        session = self.session(person, browser)
        found = self.scene.server.claim(device.user_code, session, "192.0.2.1")
        state = "gone" if device.gone else device.at(self.clock.now)
        here = (device.owner, device.browser) == (person, browser)
        if state == "pending" or (state == "claimed" and device.owner == person):
            device.state, device.owner, device.browser = "claimed", person, browser
            assert isinstance(found, str)
            device.reference = found
        elif state == "approved" and here and device.client == "careful":
            assert found == device.reference  # its number is shown once more
        else:
            assert found is Refused.NOT_FOUND
            if state == "claimed":
                device.state, device.decided_at = "denied", self.clock.now

    @precondition(has_devices)
    @rule(
        data=st.data(),
        stranger=STRANGERS,
        strange=SELDOM,
        verb=st.sampled_from(["approve", "deny", "approve", "release", "withdraw"]),
    )
    def decide(
        self, data: st.DataObject, stranger: tuple[str, int], strange: bool, verb: str
    ) -> None:
        """A person approves, denies or leaves what this browser has open, or not."""
        states = {"approved"} if verb == "withdraw" else {"claimed"}
        device = self.some(data, strange, frozenset(states))
        self.decide_by(device, *device.whose(stranger, strange), verb)

    def decide_by(self, device: Device, person: str, browser: int, verb: str) -> None:
        """Decide, and say what should come of it."""
        outcome = getattr(self.scene.server, verb)(device.reference, self.session(person, browser))
        mine = (device.owner, device.browser) == (person, browser) and not device.gone
        if mine and verb == "withdraw":
            if device.at(self.clock.now) == "approved" and device.client == "careful":
                device.state, device.decided_at = "denied", self.clock.now
        elif mine and device.at(self.clock.now) == "claimed":
            if verb == "release":
                device.state, device.owner, device.browser = "pending", None, None
            else:
                device.state = {"approve": "approved", "deny": "denied"}[verb]
                device.decided_at = self.clock.now
        if verb != "release":
            seen = outcome if isinstance(outcome, Refused) else str(outcome.state)
            assert seen == (device.at(self.clock.now) if mine else Refused.NOT_FOUND)

    @precondition(has_devices)
    @rule(
        data=st.data(),
        stranger=STRANGE_CLIENT,
        proof=st.sampled_from(["right", "right", "right", "missing", "wrong"]),
        number=st.sampled_from(["right", "right", "missing", "missing", "missing", "wrong"]),
        strange=st.booleans(),
    )
    def poll(
        self, data: st.DataObject, stranger: str, proof: str, number: str, strange: bool
    ) -> None:
        """A device polls; others may know its code as well."""
        device = self.some(data, strange)
        self.poll_as(device, stranger or device.client, proof, number)

    def poll_as(self, device: Device, client: str, proof: str, number: str) -> None:
        """Poll, and say what should come of it."""
        verifier = {"right": VERIFIER, "wrong": "w" * 43, "missing": ""}[proof]
        if proof == "right" and not device.bound:
            verifier = ""
        sent = {"code_verifier": verifier} if verifier else {}
        if number != "missing":
            right = self.scene.server.ports.user_codes.return_code(digest(device.device_code))
            sent["return_code"] = right if number == "right" else f"{right}?"
        answer = self.scene.poll(device.device_code, client_id=client, **sent)
        proven = (proof == "right") if device.bound else not verifier
        told = dict(answer.json or {})
        allowed = client == device.client and proven
        if client == "tv":
            number = "none"  # is not looked at
        expected = self._poll(device, number, told) if allowed else "invalid_grant"
        assert told.get("error", "tokens") == ("invalid_grant" if device.gone else expected)

    def _poll(self, device: Device, number: str, told: dict[str, Any]) -> str:
        now = self.clock.now
        state = device.at(now)
        if device.gone:
            return "invalid_grant"
        early = number == "right" and state in {"pending", "claimed"}
        if (number == "wrong" and state in GOING) or early:
            device.state, device.decided_at = "denied", now
            return "access_denied"
        if number == "wrong" and state == "redeemed":
            device.families[-1].alive = False
            return "invalid_grant"
        if state in {"pending", "claimed"} or (number == "missing" and state == "approved"):
            if device.too_early(now):
                assert told["interval"] == device.gap
                return "slow_down"
            assert ("return_code_length" in told) == (state == "approved")
            return "authorization_pending"
        if state in {"approved", "redeemed"}:
            return self._redeem(device, told)
        return {"denied": "access_denied", "expired": "expired_token"}[state]

    def _redeem(self, device: Device, told: dict[str, Any]) -> str:
        now = self.clock.now
        if device.state == "approved":
            device.state, device.redeemed_at = "redeemed", now
        else:
            served = device.families[-1]
            lost = served.alive and served.newest == 1
            recent = device.bound and 0 <= now - device.redeemed_at < 60
            served.alive = served.alive and recent and not lost
            if not (recent and lost):
                return "invalid_grant"
        self._issued(device, told)
        return "tokens"

    def _issued(self, device: Device, told: dict[str, Any]) -> None:
        now = self.clock.now
        family = Family(device.client, now, told["access_token"], int(now) + HOUR)
        family.tokens[told["refresh_token"]] = Token(1, now + IDLE)
        device.families.append(family)
        self.families.append(family)

    @precondition(has_families)
    @rule(data=st.data(), stranger=STRANGE_CLIENT)
    def refresh(self, data: st.DataObject, stranger: str) -> None:
        """Somebody refreshes, with a token that is good, or that was once."""
        family = data.draw(st.sampled_from(self.families))
        known = sorted(token.number for token in family.tokens.values())
        self.refresh_with(family, stranger or family.client, data.draw(st.sampled_from(known)))

    def refresh_with(self, family: Family, client: str, number: int) -> None:
        """Refresh with the token of that number, and say what should come of it."""
        (secret,) = [one for one, token in family.tokens.items() if token.number == number]
        token, now = family.tokens[secret], self.clock.now
        told = dict(self.scene.refresh(secret, client_id=client).json or {})
        good = token.number in {family.current, family.newest}
        if client == family.client and not good:
            family.alive = False
        lives = family.alive and now < min(token.expires_at, family.ends_at)
        if client == family.client and good and lives:
            family.current = token.number
            family.newest += 1
            family.access_token, family.access_ends_at = told["access_token"], int(now) + HOUR
            family.tokens[told["refresh_token"]] = Token(
                family.newest, min(now + IDLE, family.ends_at)
            )
        else:
            assert told["error"] == "invalid_grant"

    @precondition(has_families)
    @rule(data=st.data())
    def call(self, data: st.DataObject) -> None:
        """Somebody uses the last access token of a family."""
        family = data.draw(st.sampled_from(self.families))
        bearer = {"Authorization": f"Bearer {family.access_token}"}
        lives = family.alive and family.access_ends_at > self.clock.now
        answer = self.scene.http.get("/userinfo", headers=bearer)
        assert answer.status_code == (200 if lives else 401)

    @precondition(has_devices)
    @rule(data=st.data(), late=st.booleans(), far=st.booleans())
    def wait_for_it(self, data: st.DataObject, late: bool, far: bool) -> None:
        """Time passes until something is about to change, or has just changed."""
        moments = self.some(data, far).moments()
        moment = data.draw(st.sampled_from(moments)) if far else moments[0]
        if moment > self.clock.now:
            self.clock.advance(moment - self.clock.now - (0 if late else 0.25))

    @rule(seconds=A_WHILE, jump=A_JUMP, far=SELDOM)
    def wait(self, seconds: float, jump: float, far: bool) -> None:
        """Time passes, or the clock is set."""
        self.clock.advance(jump if far else seconds)

    @rule()
    def clean(self) -> None:
        """Rows that nobody can need go."""
        clean(self.scene.application.database, self.scene.server.settings, self.clock.now)
        for device in self.devices:
            device.cleaned(self.clock.now)
        for family in self.families:
            family.cleaned(self.clock.now)
        self.families = [family for family in self.families if family.tokens]

    @invariant()
    def the_store_says_the_same(self) -> None:
        """No write left a final state, and no more lives than should. STM-02, STM-03, STM-04."""
        for device in getattr(self, "devices", ()):
            if device.gone:
                assert self.scene.find(device.device_code) is None
            else:
                assert self.scene.record(device.device_code).state == device.state
        if hasattr(self, "scene"):
            living = sum(family.alive for family in self.families)
            assert len(self.scene.living()) == living <= len(self.devices)


@pytest.fixture
def life(new_database: NewDatabase) -> type[Life]:
    """Give the machine on a backend."""
    url = new_database()
    return type("LifeOnBackend", (Life,), {"url": url})


def test_life(life: type[Life]) -> None:
    """Whatever happens in whatever order is what the model says. STM-02, STM-03, STM-04, RB-13."""
    run_state_machine_as_test(
        life,
        settings=settings(
            max_examples=EXAMPLES,
            stateful_step_count=STEPS,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
