"""The module `esp32` with a store that survives a power cut: the file `nvs`."""

import json

from tests.device_client.boards.hardware import Nvs


class NVS(Nvs):
    """Its namespace is not looked at."""

    def __init__(self, namespace: str) -> None:
        super().__init__()
        try:
            with open("nvs") as file:  # noqa: PTH123 - MicroPython has no pathlib
                self.flash = {key: value.encode() for key, value in json.load(file).items()}
        except OSError:
            pass
        self.cut_power()

    def commit(self) -> None:
        super().commit()
        with open("nvs", "w") as file:  # noqa: PTH123
            json.dump({key: value.decode() for key, value in self.flash.items()}, file)
