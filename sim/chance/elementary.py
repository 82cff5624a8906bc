"""log, exp, normal_quantile: in basic arithmetic, so that every machine gives the same bits.

Only + - * /, comparisons, bit views and sqrt (all exactly rounded by IEEE 754) are used: no libm, whose
last bit differs between platforms. The two functions follow FreeBSD's msun, which is fdlibm (Copyright (C)
1993, 2004 by Sun Microsystems, Inc.; permission to use, copy, modify, and distribute this software is
freely granted, provided that this notice is preserved): e_log.c and e_exp.c, with the argument reduction of
log to [sqrt(1/2), sqrt(2)] and one formula for all arguments. Errors are below one unit in the last place.
"""

from __future__ import annotations

import math

import numpy as np

from sim.chance.jit import cold, inlined, kernel, part

_LN2_HI = 6.93147180369123816490e-01  # fdlibm: ln 2 in two parts, the first with trailing zeros
_LN2_LO = 1.90821492927058770002e-10
_INV_LN2 = 1.44269504088896338700e00
_MANTISSA = (1 << 52) - 1
_SQRT_HALF = 0x3FE6A09E << 32  # bits of about sqrt(1/2)
_TO_ONE = (0x3FF00000 - 0x3FE6A09E) << 32
_SMALLEST_NORMAL = 2.0**-1022
_TWO_54 = 2.0**54
_INTEGER = 6755399441055744.0  # 1.5 * 2**52: added to a float64 below 2**51 it leaves the nearest integer in the low bits
_INTEGER_BITS = 0x4338000000000000  # the bits of that number
_EXP_MAX = 709.782712893383973096  # fdlibm: above, exp overflows
CENTRAL = 0.425  # AS 241: how far from 1/2 its first formula goes
_EXP_MIN = -745.13321910194110842  # fdlibm: below, exp is 0


@inlined
def log(x: float) -> float:
    """Natural logarithm of a float64; -inf at 0, nan below."""
    if x <= 0.0:
        return -np.inf if x == 0.0 else np.nan
    if not x < np.inf:  # inf or nan
        return x
    if x < _SMALLEST_NORMAL:
        return _log(x * _TWO_54, -54)
    return _log(x, 0)


@part
def log_inside(x: float) -> float:
    """As `log` for normal numbers above 0, without a branch: loops over it vectorize."""
    return _log(x, 0)


@inlined
def nearest(x: float) -> int:
    """The integer (int64) nearest to a float64 between -2**51 and 2**51, half to even; vectorizes on every machine."""
    return int(np.float64(x + _INTEGER).view(np.int64)) - _INTEGER_BITS


@part
def _log(x: float, k: int) -> float:
    """log(x) + k log(2) of a normal x above 0."""
    bits = int(np.float64(x).view(np.int64)) + _TO_ONE
    k = k + (bits >> 52) - 1023
    f = float(np.int64((bits & _MANTISSA) + _SQRT_HALF).view(np.float64)) - 1.0
    half = 0.5 * f * f
    s = f / (2.0 + f)
    z = s * s
    w = z * z
    t1 = w * (3.999999999940941908e-01 + w * (2.222219843214978396e-01 + w * 1.531383769920937332e-01))
    t2 = z * (
        6.666666666666735130e-01
        + w * (2.857142874366239149e-01 + w * (1.818357216161805012e-01 + w * 1.479819860511658591e-01))
    )
    dk = float(np.int64(k + _INTEGER_BITS).view(np.float64)) - _INTEGER
    return s * (half + (t1 + t2)) + dk * _LN2_LO - half + f + dk * _LN2_HI


@kernel
def exp(x: float) -> float:
    """Exponential of a float64; inf above 709.78, 0 below -745.13."""
    if x > _EXP_MAX:
        return np.inf
    if x < _EXP_MIN:
        return 0.0
    if x != x:  # nan
        return x
    return exp_inside(x)


@part
def exp_inside(x: float) -> float:
    """As `exp` where that neither overflows nor is 0, without a branch: loops over it vectorize."""
    shifted = x * _INV_LN2 + _INTEGER
    k = int(np.float64(shifted).view(np.int64)) - _INTEGER_BITS
    dk = shifted - _INTEGER
    hi = x - dk * _LN2_HI
    lo = dk * _LN2_LO
    r = hi - lo
    t = r * r
    tail = 6.61375632143793436117e-05 + t * (-1.65339022054652515390e-06 + t * 4.13813679705723846039e-08)
    c = r - t * (1.66666666666666019037e-01 + t * (-2.77777777770155933842e-03 + t * tail))
    y = 1.0 + (r * c / (2.0 - c) - lo + hi)
    half = k >> 1  # 2**k in two factors: k may be -1075 or 1024; only the last product rounds
    first = float(np.int64((half + 1023) << 52).view(np.float64))
    second = float(np.int64((k - half + 1023) << 52).view(np.float64))
    return y * first * second


@kernel
def normal_quantile(p: float) -> float:
    """Standard normal quantile of p in (0, 1): PPND16 of Wichura 1988, Algorithm AS 241.

    About 1 part in 10**16. -inf at 0, inf at 1, nan outside.
    """
    q = p - 0.5
    if abs(q) <= CENTRAL:
        return normal_center(q)
    return _normal_tail(q, p if q < 0.0 else 1.0 - p)


@part
def normal_center(q: float) -> float:
    """The standard normal quantile of 1/2 + q for q within CENTRAL of 0, without a branch."""
    r = 0.180625 - q * q
    top = (((((((2.5090809287301226727e3 * r + 3.3430575583588128105e4) * r + 6.7265770927008700853e4) * r
        + 4.5921953931549871457e4) * r + 1.3731693765509461125e4) * r + 1.9715909503065514427e3) * r
        + 1.3314166789178437745e2) * r + 3.3871328727963666080e0)  # fmt: skip
    bottom = (((((((5.2264952788528545610e3 * r + 2.8729085735721942674e4) * r
        + 3.9307895800092710610e4) * r + 2.1213794301586595867e4) * r + 5.3941960214247511077e3) * r
        + 6.8718700749205790830e2) * r + 4.2313330701600911252e1) * r + 1.0)  # fmt: skip
    return q * top / bottom


@cold
def _normal_tail(q: float, tail: float) -> float:
    """The quantile outside the center, by the sign of q and the probability beyond."""
    if not tail > 0.0:
        return np.nan if tail != 0.0 else (-np.inf if q < 0.0 else np.inf)
    r = math.sqrt(-log(tail))
    if r <= 5.0:
        r = r - 1.6
        top = (((((((7.74545014278341407640e-4 * r + 2.27238449892691845833e-2) * r
            + 2.41780725177450611770e-1) * r + 1.27045825245236838258e0) * r + 3.64784832476320460504e0) * r
            + 5.76949722146069140550e0) * r + 4.63033784615654529590e0) * r
            + 1.42343711074968357734e0)  # fmt: skip
        bottom = (((((((1.05075007164441684324e-9 * r + 5.47593808499534494600e-4) * r
            + 1.51986665636164571966e-2) * r + 1.48103976427480074590e-1) * r + 6.89767334985100004550e-1) * r
            + 1.67638483018380384940e0) * r + 2.05319162663775882187e0) * r + 1.0)  # fmt: skip
    else:
        r = r - 5.0
        top = (((((((2.01033439929228813265e-7 * r + 2.71155556874348757815e-5) * r
            + 1.24266094738807843860e-3) * r + 2.65321895265761230930e-2) * r + 2.96560571828504891230e-1) * r
            + 1.78482653991729133580e0) * r + 5.46378491116411436990e0) * r
            + 6.65790464350110377720e0)  # fmt: skip
        bottom = (((((((2.04426310338993978564e-15 * r + 1.42151175831644588870e-7) * r
            + 1.84631831751005468180e-5) * r + 7.86869131145613259100e-4) * r + 1.48753612908506148525e-2) * r
            + 1.36929880922735805310e-1) * r + 5.99832206555887937690e-1) * r + 1.0)  # fmt: skip
    return -top / bottom if q < 0.0 else top / bottom
