"""Intervals for a share and for a mean, from exact sums; no interval where there is nothing to measure."""

import math
from statistics import NormalDist

from scipy.special import stdtrit

from tactful.words.errors import Misuse
from tactful.words.estimate import Estimate, Undefined


def _check(count: int, confidence: float) -> None:
    if count < 0 or not 0 < confidence < 1:
        raise Misuse.say(
            where="interval", what=f"count {count} or confidence {confidence} is impossible", do="95% is written 0.95"
        )


def proportion(successes: int, trials: int, *, confidence: float = 0.95) -> Estimate | Undefined:
    """Share of trials that succeeded, with Wilson's score interval, which holds for few trials and for shares near 0.

    Args:
        successes: how many succeeded.
        trials: how many were tried, independently of each other.
        confidence: share of intervals that shall hold the truth, in (0, 1).

    Returns:
        The share; `Undefined` where nothing was tried.

    Reference: Wilson (1927), "Probable inference, the law of succession, and statistical inference".

    >>> share = proportion(8, 10)
    >>> round(share.value, 3), round(share.low, 4), round(share.high, 4)
    (0.8, 0.4902, 0.9433)
    >>> proportion(0, 0)
    Undefined(reason='nothing was tried')
    """
    _check(trials, confidence)
    if not 0 <= successes <= trials:
        raise Misuse.say(where="interval", what=f"{successes} successes in {trials} trials", do="count trials first")
    if trials == 0:
        return Undefined("nothing was tried")
    z2 = NormalDist().inv_cdf(0.5 + confidence / 2) ** 2
    share = successes / trials
    middle = (successes + z2 / 2) / (trials + z2)
    half = math.sqrt(z2) / (trials + z2) * math.sqrt(successes * (trials - successes) / trials + z2 / 4)
    return Estimate(
        value=share,
        low=0.0 if successes == 0 else min(middle - half, share),
        high=1.0 if successes == trials else max(middle + half, share),
        effective_n=trials,
    )


def mean(
    count: int, total: int, *, total_squares: int, scale: int = 1, confidence: float = 0.95
) -> Estimate | Undefined:
    """Mean of an outcome with Student's interval, from its exact integer sums.

    Holds for independent rows whose mean is near normal: beware of a few very large orders.

    Args:
        count: rows.
        total: sum of y, in units of 1 / scale.
        total_squares: sum of y squared, in units of 1 / scale squared.
        scale: units in 1.0.
        confidence: share of intervals that shall hold the truth, in (0, 1).

    Returns:
        The mean in the outcome's own unit; `Undefined` with fewer than two rows, where no spread can be seen.

    >>> found = mean(4, 10, total_squares=30)  # 1, 2, 3, 4: s = 1.2910, t = 3.1824
    >>> found.value, round(found.low, 4), round(found.high, 4)
    (2.5, 0.4457, 4.5543)
    >>> mean(1, 5, total_squares=25)
    Undefined(reason='a spread needs at least two rows, and there is 1')
    """
    _check(count, confidence)
    squares = count * total_squares - total * total
    if squares < 0 or scale < 1:
        raise Misuse.say(where="interval", what="sums that no numbers have", do="take all three from the same rows")
    if count < 2:
        return Undefined(f"a spread needs at least two rows, and there {'is 1' if count else 'are none'}")
    value = total / count / scale
    half = float(stdtrit(count - 1, 0.5 + confidence / 2)) * math.sqrt(squares / (count - 1)) / count / scale
    return Estimate(value=value, low=value - half, high=value + half, effective_n=count)
