"""Cases of the rules about the brand's voice, what can be seen, and how sentences read."""

from __future__ import annotations

from check.world import World

CASES: dict[str, tuple[World, World]] = {}
