"""Work ahead: results in order, never more than a few under way, and an error or an early end stops what follows."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from tactful.store.ahead import ahead


@pytest.mark.parametrize("workers", [1, 2, 3, None])
def test_results_come_in_order(workers: int | None) -> None:
    assert list(ahead(lambda one: one * one, range(50), workers=workers)) == [one * one for one in range(50)]
    assert list(ahead(lambda one: one, iter([]), workers=workers)) == []


@pytest.mark.parametrize("workers", [1, 2, 4])
def test_items_are_drawn_only_as_far_as_is_worked_ahead(workers: int) -> None:
    drawn: list[int] = []

    def items() -> Iterator[int]:
        for number in range(1_000):
            drawn.append(number)
            yield number

    made = ahead(lambda one: one, items(), workers=workers)
    assert [next(made) for _ in range(10)] == list(range(10))
    assert len(drawn) <= 10 + workers + 1


@pytest.mark.parametrize("workers", [1, 2])
def test_an_error_reaches_the_caller_and_nothing_new_is_begun(workers: int) -> None:
    begun: list[int] = []

    def fails(one: int) -> int:
        begun.append(one)
        if one == 3:
            raise ValueError("three")
        return one

    with pytest.raises(ValueError, match="three"):
        list(ahead(fails, range(90), workers=workers))
    assert max(begun) <= 3 + workers + 1


def test_a_single_item_needs_no_thread() -> None:
    assert list(ahead(lambda _: threading.current_thread(), [1], workers=2)) == [threading.main_thread()]
