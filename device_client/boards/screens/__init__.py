"""Drivers of display controllers: each takes a bus and pins, and draws for `FrameBufferDisplay`."""
