"""The words of a run's messages, joined again from skeletons and slots when they are wanted."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import pyarrow as pa

from tactful.check.leaving import Leaving
from tactful.compose import join
from tactful.compose.join import Joined
from tactful.flow.manifest import Run, empty, sealed_in
from tactful.flow.workspace import Workspace
from tactful.store import lake
from tactful.words.sealed import Sealed


@dataclass(frozen=True, kw_only=True)
class Letters:
    """The messages of one run, found by their decision. Stability: caller."""

    space: Workspace
    messages: pa.Table
    skeletons: pa.Table
    place: dict[bytes, int]
    """Row of `messages` by decision id."""

    @classmethod
    def of(cls, space: Workspace, run: Run) -> Letters:
        """Reads a run's messages; a few hundred bytes each."""
        with space.ledger.reading() as tx:
            sealed = sealed_in(tx, run.run_id, root=space.lake)
        messages = lake.read(sealed["messages"]) if "messages" in sealed else empty("messages")
        skeletons = lake.read(sealed["skeletons"]) if "skeletons" in sealed else empty("skeletons")
        place = {decision: number for number, decision in enumerate(messages["decision_id"].to_pylist())}
        return cls(space=space, messages=messages, skeletons=skeletons, place=place)

    def joined(self, decisions: Sequence[bytes]) -> Iterator[Joined]:
        """The words of the messages of these decisions; a decision without a message gives nothing.

        Raises:
            StoreFaulty: a message's words are not those that were written.
        """
        rows = [self.place[decision] for decision in decisions if decision in self.place]
        if rows:
            key = self.space.key
            brand = self.space.project.brand
            yield from join.joined(self.messages.take(rows), self.skeletons, brand=brand, keys=[key])

    def leaving(self, joined: Joined, *, program: str) -> Leaving:
        """A joined message with where it comes from."""
        content, branch = self._sources[joined.skeleton_id]
        return Leaving(
            message_id=joined.message_id, parts=joined.parts, program=program, content=content, branch=branch
        )

    @cached_property
    def _sources(self) -> dict[bytes, tuple[str, str]]:
        """Content and branch of every skeleton."""
        names = ("skeleton_id", "content_id", "branch")
        rows = zip(*(self.skeletons[name].to_pylist() for name in names), strict=True)
        return {skeleton: (content, branch) for skeleton, content, branch in rows}


def verify_run(space: Workspace, run: Run) -> dict[str, Sealed]:
    """Compares every file of a run with the manifest before anything is done with it; returns its handles.

    Raises:
        StoreFaulty: a file is missing, or is not what was sealed.
    """
    with space.ledger.reading() as tx:
        sealed = sealed_in(tx, run.run_id, root=space.lake)
    for handle in sealed.values():
        lake.verify(handle)
    return sealed
