"""Numbers by chance that follow from a seed: the same on every machine and in every version of Python."""

import hashlib
from math import cos, exp, log, pi, sqrt

_EACH = 8
"""Numbers that one digest of 64 bytes gives."""


class Uniforms:
    """A row of numbers above 0 and up to 1, by a hash of its name and a counter.

    Two names give two rows that have nothing to do with each other, so no order of jobs or policies matters.
    """

    def __init__(self, *name: object):
        self._name = "/".join(map(str, name)).encode()
        self._used = 0
        self._ready: list[float] = []

    def __call__(self) -> float:
        if not self._ready:
            counter = self._used.to_bytes(8, "big")
            digest = hashlib.blake2b(self._name + counter, digest_size=8 * _EACH).digest()
            parts = (digest[at : at + 8] for at in range(0, len(digest), 8))
            self._ready = [(int.from_bytes(part, "big") + 1) / 2**64 for part in parts]
            self._used += 1
        return self._ready.pop()

    def below(self, count: int) -> int:
        """A whole number from 0 up to `count`, which is not reached."""
        return min(int(self() * count), count - 1)

    def weight(self) -> float:
        """A weight of the Bayesian bootstrap: exponential, of mean 1."""
        return -log(self())

    def normal(self) -> float:
        """A number of the standard normal distribution, by Box and Muller."""
        return sqrt(-2 * log(self())) * cos(2 * pi * self())

    def gamma(self, shape: float) -> float:
        """A number of the gamma distribution of this shape and scale 1, by Marsaglia and Tsang.

        https://doi.org/10.1145/358407.358414
        """
        if shape < 1:
            return self.gamma(shape + 1) * exp(log(self()) / shape)
        d = shape - 1 / 3
        while True:
            x = self.normal()
            v = (1 + x / sqrt(9 * d)) ** 3
            if v > 0 and log(self()) < x * x / 2 + d - d * v + d * log(v):
                return d * v
