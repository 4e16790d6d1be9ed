"""The module `ntptime` where the clock is right."""

settime = bool
