"""The encoder of the package qrcode on MicroPython: what uQR, which is made from it, amounts to.

Its own code runs as it is. What MicroPython lacks is put beside it: types that are there to be
read, and images that are not drawn.
"""

from importlib.util import find_spec
from pathlib import Path

MODULES = ("main", "util", "base", "LUT", "constants", "exceptions")
# A list of types is made when the module is read, and MicroPython's `list` takes no types.
CHANGES = {"ModulesType = list[list[Optional[bool]]]": "ModulesType = list"}

BESIDE = {
    "qrcode/__init__.py": "",
    "qrcode/image/__init__.py": "",
    "qrcode/image/base.py": "class BaseImage:\n    pass\n",
    "qrcode/image/pure.py": "class PyPNGImage:\n    pass\n",
    "bisect.py": "def bisect_left(*_):\n    raise NotImplementedError\n",
    "re.py": "def escape(text):\n    return text\n\n\ndef compile(pattern):\n    return None\n",
    "typing.py": """
class Named:
    def __getitem__(self, _):
        return object

Generic = Literal = Optional = Named()

def TypeVar(*_, **__):
    return object

def cast(_, value):
    return value

def overload(function):
    return function

class NamedTuple:  # qrcode.base.RSBlock
    def __init__(self, total_count, data_count):
        self.total_count = total_count
        self.data_count = data_count
""",
}


def install(folder: Path) -> None:
    """Put the package where MicroPython finds it."""
    for name, text in BESIDE.items():
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text)
    spec = find_spec("qrcode")
    assert spec
    assert spec.submodule_search_locations
    for name in MODULES:
        text = (Path(spec.submodule_search_locations[0]) / f"{name}.py").read_text()
        for old, new in CHANGES.items():
            text = text.replace(old, new)
        (folder / "qrcode" / f"{name}.py").write_text(text)
