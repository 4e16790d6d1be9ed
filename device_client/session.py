"""A client that is signed in, and stays so: calls an API with its access token."""

from .flow import SIGNED_IN, DeviceFlow


class Session:
    """One client of one server. `runner` is a `run.Runner`.

    access_token   "" until somebody has signed in
    """

    access_token = ""

    def __init__(self, runner, client_id: str, scope: str) -> None:  # type: ignore[no-untyped-def]
        self.runner = runner
        self.client_id = client_id
        self.scope = scope

    def sign_in(self) -> DeviceFlow:
        """The flow in its final state: by what is kept, else by asking a person.

        An access token without a refresh token is taken for good until an API says 401.
        """
        kept = self.runner.token_file.load()
        if kept.get("access_token") and not kept.get("refresh_token"):
            flow = DeviceFlow(self.client_id, self.scope, "", self.runner.ticks_ms())
            flow.state = SIGNED_IN
            flow.tokens = kept
        else:
            flow = self.runner.start(self.client_id, self.scope)
        return self._signed_in(flow)

    def call(self, url: str, form: dict[str, str] | None = None) -> tuple[int, bytes]:
        """GET `url`, or POST `form` to it, with the access token; HTTP status and body.

        After a 401 the tokens are renewed once and the call is made again. A 401 that comes out of
        here means that somebody has to sign in. OSError and ValueError as from `transport.request`.
        """
        status, body = self.runner.fetch(url, form, self.access_token)
        if status == 401 and self._renewed():
            status, body = self.runner.fetch(url, form, self.access_token)
        return status, body

    def _renewed(self) -> bool:
        flow = self.runner.renew(self.client_id)
        if flow:
            if self._signed_in(flow).state != SIGNED_IN:
                raise OSError("tokens cannot be renewed now: " + (flow.error or flow.state))
            return True
        if self.runner.token_file.load():
            self.runner.token_file.save({})
        self.access_token = ""
        return False

    def _signed_in(self, flow: DeviceFlow) -> DeviceFlow:
        if flow.state == SIGNED_IN:
            self.access_token = str(flow.tokens["access_token"])
        return flow
