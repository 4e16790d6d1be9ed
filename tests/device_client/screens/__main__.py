"""Draw the approved pictures anew: `.venv/bin/python -m tests.device_client.screens`.

Then look at what changed: a picture here is approved by being committed.
"""

from tests.device_client.screens.pictures import DISPLAYS, approved, screens, sheet

for display in DISPLAYS:
    path = approved(display)
    sheet(screens(display)).quantize(8).save(path, optimize=True)
    print(f"{path.name}: {path.stat().st_size} bytes")
