"""How many requests a sign-in takes when polls are held: our own client, a clock that is a number.

The server is played: it holds a poll as long as it may, and the person decides at a given second.
"""

from device_client.flow import PENDING, STARTING, WAITING, DeviceFlow

_CODES = {
    "device_code": "d",
    "user_code": "BBBB-BBBB",
    "verification_uri": "http://localhost/device",
    "expires_in": 600,
    "interval": 5,
}
_TOKENS = {"access_token": "a", "token_type": "Bearer", "expires_in": 3600}


def moments_of(decided_at: int, wait: int) -> list[int]:
    """Return at which seconds a sign-in asks the server whose person decides at that second."""
    flow = DeviceFlow("tv", "profile", "0" * 64, 0)
    now, moments = 0, []
    state, pause = flow.step(now)
    while state in WAITING:
        if pause:
            now += pause
        else:
            moments.append(now // 1000)
            now, status, answer = _answer(state, now, decided_at * 1000, wait * 1000)
            flow.receive(status, answer, now)
        state, pause = flow.step(now)
    return moments


def _answer(state: str, now: int, decided_at: int, wait: int) -> tuple[int, int, dict[str, object]]:
    """Return when an answer comes, and which."""
    if state == STARTING:
        return now, 200, dict(_CODES)
    assert state == PENDING
    if decided_at <= now + wait:
        return max(now, decided_at), 200, dict(_TOKENS)
    return now + wait, 400, {"error": "authorization_pending"}
