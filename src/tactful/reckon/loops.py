"""The loops that score, weigh and draw a block of rows at once, arm by arm; compiled by `reckon.compiled`.

Quotients are taken in float64 and set right by their remainder in wrapping int64, so that each is the exact floor:
the estimate is less than one unit off, and the remainder of an estimate that close is exact modulo 2^64.
"""

from __future__ import annotations

from typing import Any

import numpy as np

Array = Any  # of any kind of number: what a loop is compiled for is seen when it is called
TOP = 1 << 62
TOP_REAL = float(TOP)
WHOLE = 1 << 52
NO_ARM = -(1 << 55)
LESS = 1 - 2.0**-50


def score(s: Array, value: Array, board: Array, people: Array, start: int, n: int) -> None:  # noqa: PLR0917  # a loop takes arrays by place
    """Score of every arm, `NO_ARM` where it may not be chosen, from products `s`; shapes (k, b), n rows of it."""
    base, grain, shift, _, _ = board
    _, cells, may, _ = people
    for a in range(value.shape[0]):
        bits, place, down, all_ = may[a >> 6][start : start + n], np.uint64(a & 63), shift[a], base[a, 0]
        row, product = value[a], s[a]
        if grain[a] < 0:
            for i in range(n):
                there = (bits[i] >> place) & np.uint64(1)
                row[i] = (np.int64(product[i]) >> down) + all_ if there else NO_ARM
        else:
            cell, line = cells[grain[a]][start : start + n], base[a]
            for i in range(n):
                there = (bits[i] >> place) & np.uint64(1)
                row[i] = (np.int64(product[i]) >> down) + line[cell[i]] if there else NO_ARM


def lead(value: Array, top: Array, best: Array) -> None:  # noqa: PLR0917  # a loop takes arrays by place
    """Highest score and the first arm that has it, by row."""
    k, n = value.shape[0], top.size
    for i in range(n):
        top[i] = NO_ARM
        best[i] = 0
    for a in range(k):
        row = value[a]
        for i in range(n):
            better = row[i] > top[i]
            top[i] = row[i] if better else top[i]
            best[i] = a if better else best[i]


def count(may: Array, arms: Array, start: int) -> None:  # noqa: PLR0917  # a loop takes arrays by place
    """1024 times the number of arms that may be chosen, by row: bits are added up in pairs, fours and eights."""
    for i in range(arms.size):
        arms[i] = 0
    for word in range(may.shape[0]):
        bits = may[word][start : start + arms.size]
        for i in range(arms.size):
            b = bits[i]
            b -= (b >> np.uint64(1)) & np.uint64(0x5555555555555555)
            b = (b & np.uint64(0x3333333333333333)) + ((b >> np.uint64(2)) & np.uint64(0x3333333333333333))
            b = (b + (b >> np.uint64(4))) & np.uint64(0x0F0F0F0F0F0F0F0F)
            arms[i] += np.int64((b * np.uint64(0x0101010101010101)) >> np.uint64(56)) << 10


def punish(value: Array, row: Array, gamma: int, a: int) -> None:  # noqa: PLR0917  # a loop takes arrays by place
    """The share's divisor of one arm: 1024 K + floor(gamma gap / scale), 2^62 and more where the share is 0."""
    line = value[a]
    top, arms, scale, slope = row
    for i in range(top.size):
        gap = top[i] - line[i]
        guess = min(np.float64(gap) * slope[i], TOP_REAL)
        p = np.int64(guess)
        p += np.int64(np.floor(np.float64(gap * gamma - p * scale[i]) / np.float64(scale[i])))
        line[i] = arms[i] + (p if guess < TOP_REAL else TOP) if line[i] > NO_ARM else TOP + 1


def share(value: Array, total: Array, cap: int, a: int) -> None:  # noqa: PLR0917  # a loop takes arrays by place
    """floor(2^62 / divisor) of one arm, cut to its cap, and added to the total."""
    line = value[a]
    for i in range(total.size):
        q = np.int64(TOP_REAL / np.float64(line[i]))
        rest = TOP - q * line[i]
        q += np.int64(rest >= line[i]) - np.int64(rest < 0)
        line[i] = min(q, cap)
    for i in range(total.size):
        total[i] += line[i]


def close(value: Array, row: Array, gamma: int, cap: int, a: int) -> None:  # noqa: PLR0917  # a loop takes arrays by place
    """What `punish` and `share` do, where all is below 2^49: there float64 holds every number but the last.

    `front` is gamma times the top score and 1024 K scales, so that one floor gives the whole divisor. The slope is a
    little less than 1 / scale, so that the estimate is the floor or one less.
    """
    line = value[a]
    front, scale, slope, total = row
    for i in range(front.size):
        over = front[i] - np.float64(line[i]) * gamma
        p = np.floor(over * slope[i])
        divisor = p + (1.0 if over - p * scale[i] >= scale[i] else 0.0)
        q = np.int64(TOP_REAL / divisor)
        q += (TOP - q * np.int64(divisor)) >> 63
        q = min(q, np.int64(cap)) if line[i] > NO_ARM else np.int64(0)
        line[i] = q
        total[i] += q


def shrink(value: Array, row: Array, epsilon: int) -> None:  # noqa: PLR0917  # a loop takes arrays by place
    """Where all arms but the best hold more than epsilon, floor(share epsilon / total) of each; and their new total."""
    total, slope, held = row
    for i in range(held.size):
        held[i] = 0
    for a in range(value.shape[0]):
        line = value[a]
        for i in range(held.size):
            q, whole = line[i], total[i]
            z = np.int64(np.float64(q) * slope[i])
            rest = q * epsilon - z * whole
            z += np.int64(rest >= whole) - np.int64(rest < 0)
            z = z if whole > epsilon else q
            line[i] = z
            held[i] += z


def draw(value: Array, chance: Array, arm: Array, running: Array) -> None:  # noqa: PLR0917  # a loop takes arrays by place
    """The first arm whose running total of probabilities lies above the chance."""
    k, n = value.shape[0], running.size
    for i in range(n):
        running[i] = 0
        arm[i] = 0
    for a in range(k):
        line = value[a]
        for i in range(n):
            running[i] += line[i]
            arm[i] += np.int64(running[i] <= chance[i])


def weigh(value: Array, board: Array, rule: Array, row: Array) -> None:  # noqa: PLR0917  # a loop takes arrays by place
    """Scores become probabilities, in place."""
    _, _, _, scales, caps = board
    gamma, epsilon, near, _ = rule
    top, best, arms, total, scale, slope, front, unit = row
    k, n = value.shape[0], best.size
    lead(value, top, best)
    for i in range(n):
        scale[i] = scales[best[i]]
        unit[i] = scale[i]
        slope[i] = (LESS if near else np.float64(gamma)) / unit[i]
        front[i] = np.float64(top[i]) * gamma + np.float64(arms[i]) * unit[i]
        total[i] = 0
    for a in range(k):
        if near:
            close(value, (front, unit, slope, total), gamma, caps[a], a)
        else:
            punish(value, (top, arms, scale, slope), gamma, a)
            share(value, total, caps[a], a)
    over = False
    for i in range(n):
        total[i] -= value[best[i], i]
        value[best[i], i] = 0
        over |= total[i] > epsilon
        slope[i] = np.float64(epsilon) / np.float64(max(total[i], 1))
    if over:
        shrink(value, (total, slope, top), epsilon)
        total = top
    for i in range(n):
        value[best[i], i] = WHOLE - total[i]


def products(x: Array, coefficients: Array, wide: Array, s: Array) -> int:  # noqa: PLR0917  # arrays by place
    """The product of every arm with every row of `x`; s has shape (k, b), wide (b, d); rows beyond `x` are 0.

    Returns the largest feature in magnitude.
    """
    n, d = x.shape
    most = np.int64(0)
    for i in range(n):
        for j in range(d):
            most = max(most, abs(np.int64(x[i, j])))
            wide[i, j] = x[i, j]
    wide[n:] = 0
    np.dot(coefficients, wide.T, s)
    return int(most)


def decide(board: Array, coefficients: Array, rule: Array, people: Array, answer: Array) -> int:  # noqa: PLR0917  # a loop takes arrays by place
    """Every row's arm, best arm, score and propensity, block by block; returns the largest feature in magnitude."""
    x, cells, _, chance = people
    arm, best, score_of, propensity = answer
    block = rule[3]
    k, d, n = coefficients.shape[0], coefficients.shape[1], chance.size
    s, wide, value = np.zeros((k, block)), np.zeros((block, d)), np.empty((k, block), np.int64)
    top, arms = np.empty(block, np.int64), np.empty(block, np.int64)
    total, scale, slope = np.empty(block, np.int64), np.empty(block, np.int64), np.empty(block)
    front, unit, most = np.empty(block), np.empty(block), 0
    for start in range(0, n, block):
        m = min(block, n - start)
        stop = start + m
        if d:
            most = max(most, products(x[start:stop], coefficients, wide, s))
        score(s, value, board, people, start, m)
        count(people[2], arms[:m], start)
        row = (top[:m], best[start:stop], arms[:m], total[:m], scale[:m], slope[:m], front[:m], unit[:m])
        weigh(value, board, rule, row)
        draw(value, chance[start:stop], arm[start:stop], top[:m])
        for i in range(m):
            a = arm[start + i]
            cell = 0 if board[1][a] < 0 else cells[board[1][a], start + i]
            propensity[start + i] = value[a, i]
            score_of[start + i] = (np.int64(s[a, i]) >> board[2][a]) + board[0][a, cell]
    return most
