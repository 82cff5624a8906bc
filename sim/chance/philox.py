"""philox: the keyed generator. Every random input is u(seed, replication, key, purpose, step).

Philox4x32-10 (Salmon, Moraes, Dror, Shaw 2011, "Parallel random numbers: as easy as 1, 2, 3", SC'11) maps a
128-bit counter and a 64-bit key to four 32-bit words. All arithmetic is on np.uint64 that hold 32-bit
words: products fit 64 bits, so the plain Python and the compiled function agree bit for bit. uint64 is
never mixed with int64 (numba would make a float of it), so every constant here is np.uint64.

Counter layout::

    c0, c1   low and high 32 bits of the 64-bit key of the thing the number is for
    c2       replication (32 bits)
    c3       purpose block << 16 | step (16 bits each)
    k0, k1   low and high 32 bits of the 64-bit seed

One block is four uniforms, its *lanes*; purposes that are used together share a block.
"""

from __future__ import annotations

import hashlib

import numpy as np

from sim.chance.jit import inlined, kernel

# Purpose blocks; the lanes of a block in brackets.
COUNT = np.uint64(1)  # arrival counts of a (stream, interval) [0 count]
CALLER = np.uint64(2)  # [0 place in the interval, 1 label, 2 IVR fate, 3 IVR time]
SERVICE = np.uint64(3)  # [0 talk, 1 wrap-up, 2 patience, 3 balk]
AGAIN = np.uint64(4)  # what happens next [0 whether, 1 delay, 2 solved, 3 recognized]
BUSYNESS = np.uint64(5)  # a factor of a day or of a part of it [0]
INPUT = np.uint64(6)  # an uncertain input [0]
OFFER = np.uint64(8)  # what who has to wait is told and offered [0 heeds, 1 accepts, 2 when]
CALLBACK = np.uint64(9)  # a try to call back; step: which [0 reached, 1 dialing, 2 delay of the next]
HAND = np.uint64(10)  # what an agent does with a call he does not end [0 which, 1 talk before, 2 handover]
TICKET = np.uint64(11)  # the work that a call leaves behind [0 which, 1 delay]
CONTACT = np.uint64(12)  # a try of a contact on a list; step: which [0 preparing, 1 who answers, 2 a short talk, 3 later]
SALE = np.uint64(13)  # what an agent offers at the end of a call [0 which, 1 talk, 2 success]
PRESENT = np.uint64(14)  # of an agent on a day [0 absent, 1 whether late, 2 how late, 3 first time off]; of a team [0 absent]
UNPLANNED = np.uint64(15)  # time off the phones beyond the plan; step: which [0 how long, 1 until the next]
SCRIPT = np.uint64(16)  # a step of a script, by a key of call and step [0 solves, 1 how long]
LOOKUP = np.uint64(17)  # a thing to be known in a call; step: which [0 looked up, 1 how long]
HOLD = np.uint64(18)  # [0 whether, 1 how long]
TRANSACTION = np.uint64(19)  # in a system, by a key of call and system; step: which [0 how long], the first [1 one more]
STAY = np.uint64(23)  # of an agent who may be asked to stay on [0 when he is asked, 1 whether he accepts]
PLACE = np.uint64(20)  # where an agent stands among the idle, where chance decides [0, 1 a key]
RING = np.uint64(21)  # a call at an agent; step: how often it rang in vain [0 whether he answers, 1 when, 2 how long away]
REPLAY = np.uint64(7)  # what a recorded call lacks [0 patience given the wait, 1 talk, 2 wrap-up, 3 balk]

MASK = np.uint64(0xFFFFFFFF)
_BITS_16 = np.uint64(16)
_BITS_24 = np.uint64(24)
_BITS_32 = np.uint64(32)
_BITS_40 = np.uint64(40)
_M0 = np.uint64(0xD2511F53)  # multipliers and key increments: Salmon et al. 2011, and Random123's philox.h
_M1 = np.uint64(0xCD9E8D57)
_W0 = np.uint64(0x9E3779B9)
_W1 = np.uint64(0xBB67AE85)
_DERIVE_0 = np.uint64(0x63616C6C)  # "call"
_DERIVE_1 = np.uint64(0x6E657874)  # "next"
_UNIT = 2.0**-32


@inlined
def philox(
    c0: np.uint64, c1: np.uint64, c2: np.uint64, c3: np.uint64, k0: np.uint64, k1: np.uint64
) -> tuple[np.uint64, np.uint64, np.uint64, np.uint64]:
    """Four 32-bit words of a counter of four and a key of two; all np.uint64 below 2**32."""
    for _ in range(10):
        p0 = _M0 * c0
        p1 = _M1 * c2
        c0, c1, c2, c3 = (p1 >> _BITS_32) ^ c1 ^ k0, p1 & MASK, (p0 >> _BITS_32) ^ c3 ^ k1, p0 & MASK
        k0 = (k0 + _W0) & MASK
        k1 = (k1 + _W1) & MASK
    return c0, c1, c2, c3


@inlined
def uniform(word: np.uint64) -> float:
    """A 32-bit word as a float64 inside (0, 1): (word + 1/2) / 2**32, exact; 1 - u is exact as well."""
    return (float(word) + 0.5) * _UNIT


@inlined
def block(
    seed: np.uint64, replication: np.uint64, key: np.uint64, purpose: np.uint64, step: np.uint64
) -> tuple[float, float, float, float]:
    """The four uniforms in (0, 1) of a purpose block.

    All np.uint64: seed and key of 64 bits, replication below 2**32, purpose and step below 2**16.
    """
    w0, w1, w2, w3 = philox(
        key & MASK,
        key >> _BITS_32,
        replication & MASK,
        ((purpose << _BITS_16) | step) & MASK,
        seed & MASK,
        seed >> _BITS_32,
    )
    return uniform(w0), uniform(w1), uniform(w2), uniform(w3)


@kernel
def derive(parent: np.uint64, channel: np.uint64, attempt: np.uint64) -> np.uint64:
    """As `derived`, to be called from Python and where it is cold."""
    return derived(parent, channel, attempt)


@inlined
def derived(parent: np.uint64, channel: np.uint64, attempt: np.uint64) -> np.uint64:
    """Key (64 bits) of a later call: a hash of its parent's key, of the channel and of the try.

    channel and attempt below 2**32. Philox under a fixed key; the seed enters only when the key is used.
    """
    w0, w1, _, _ = philox(parent & MASK, parent >> _BITS_32, channel & MASK, attempt & MASK, _DERIVE_0, _DERIVE_1)
    return (w1 << _BITS_32) | w0


@inlined
def fresh_key(stream24: np.uint64, interval16: np.uint64, k24: np.uint64) -> np.uint64:
    """Key of the k-th fresh call of a stream in an interval: 24, 16 and 24 bits, checked by the plan."""
    return (stream24 << _BITS_40) | (interval16 << _BITS_24) | k24


def name_hash(text: str, bits: int = 64) -> int:
    """The low `bits` (at most 64) of a name's BLAKE2b hash (of UTF-8); the same in every process."""
    if not 1 <= bits <= 64:
        raise ValueError(f"bits must be from 1 to 64, found {bits}")
    digest = hashlib.blake2b(text.encode("utf-8"), digest_size=8).digest()
    return int.from_bytes(digest, "little") & ((1 << bits) - 1)
