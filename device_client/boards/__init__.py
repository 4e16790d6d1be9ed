"""One main.py for each board and display: its pins and wiring, and what it is for.

What all boards share is in device_client: board.py tells the story, wifi.py, board_config.py and
nvs_tokens.py are parts of it. The screens' drivers are in screens/. Modules that only boards have
(`machine`, `network`, `esp32`, `rp2`, `ntptime`) are imported here and nowhere else, and handed on.

`pairlight device pack` makes a folder of one of these files and all that it needs.
"""
