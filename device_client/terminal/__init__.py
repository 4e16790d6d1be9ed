"""Sign-in screens of a terminal. CPython only.

show_terminal.py    among other lines: QR symbol, address, code, time left
show_fullscreen.py  all of it, for a television; fullscreen_layout.py places, look.py paints
cells.py  big_letters.py   two modules or dots a character: symbols and large letters
terminal_mode.py    leaves the terminal as it was, whatever happens
keyboard.py         takes the return code, from a terminal or a script
waiting.py          what a sign-in waits for, in words
"""
