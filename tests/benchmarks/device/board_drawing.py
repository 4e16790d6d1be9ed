"""The display of board_sign_in.py that draws a symbol."""

rows: list[int] = []


def show(flow) -> None:  # type: ignore[no-untyped-def]
    """Draw once, as a display does."""
    global rows  # noqa: PLW0603
    if not rows and flow.state == "PENDING":
        from device_client.qr_rows import qr_rows

        rows = qr_rows(flow, 29)
