"""The code a person reads from the device and types on the phone (RFC 8628 6.1).

A code is derived from the digest of the device code by a keyed hash, so that the server can show it
again for comparison while its database holds neither the code nor anything it can be computed from
without the key.
"""

import hmac
import unicodedata

ALPHABET = "BCDFGHJKLMNPQRSTVWXZ"  # no vowels, so no words; no digits, no look-alike pairs

# What people type for letters of the alphabet. Only where a single letter can be meant: 0 and O
# might be D or Q, so they are dropped and the code is simply not found.
_CONFUSED = str.maketrans({"1": "L", "I": "L", "2": "Z", "5": "S", "6": "G", "8": "B", "U": "V"})

# One account's chance to guess one given code within its lifetime (RFC 8628 5.1).
WEAKEST = 2.0**-32
# Everybody's chance together to guess any code of all that live: codes grow to keep it.
_WEAKEST_OF_ALL = 2.0**-20

RETURN_CODE_LENGTH = 4  # digits; there is one try, so a guess is right once in 10 000 times

_GROUP = 4
_LONGEST_TYPED = 100


class UserCodes:
    """Makes user codes and their keyed digests. `key` never rests in the database."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    def make(self, device_code_digest: bytes, length: int) -> str:
        """Derive the code of a device code. 256 bits over 20**length leave no usable bias."""
        number = int.from_bytes(self._keyed(b"user code of ", device_code_digest))
        letters = []
        for _ in range(length):
            number, letter = divmod(number, len(ALPHABET))
            letters.append(ALPHABET[letter])
        return "".join(letters)

    def return_code(self, device_code_digest: bytes) -> str:
        """Derive the number that comes back through the device (RFC 10027 6.1.16)."""
        number = int.from_bytes(self._keyed(b"return code of ", device_code_digest))
        return f"{number % 10**RETURN_CODE_LENGTH:0{RETURN_CODE_LENGTH}}"

    def digest(self, user_code: str) -> bytes:
        """Return what the store keeps and looks up instead of a (normalized) code."""
        return self._keyed(b"digest of ", user_code.encode())

    def _keyed(self, purpose: bytes, material: bytes) -> bytes:
        return hmac.digest(self._key, purpose + material, "sha256")


def odds(length: int, guesses: int, live: int = 1) -> float:
    """Return the chance that so many guesses hit one of so many live codes."""
    return float(guesses * live / len(ALPHABET) ** length)


def safe_length(shortest: int, guesses: int, live: int) -> int:
    """Return how long new codes must be while so many live."""
    length = shortest
    while odds(length, guesses, live) > _WEAKEST_OF_ALL:
        length += 1
    return length


def normalize(typed: str) -> str:
    """Return what was meant: any case, any separators, full-width letters, common confusions."""
    folded = unicodedata.normalize("NFKC", typed[:_LONGEST_TYPED]).upper().translate(_CONFUSED)
    return "".join(letter for letter in folded if letter in ALPHABET)


def display(user_code: str) -> str:
    """Write a code as it is shown: in groups of four, WDJB-MJHT."""
    return "-".join(user_code[i : i + _GROUP] for i in range(0, len(user_code), _GROUP))
