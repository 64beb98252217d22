"""The channels a project speaks on."""

from __future__ import annotations

from tactful.project.declared import Project
from tactful.words.touchpoint import Channel


def channels_of(project: Project) -> tuple[Channel, ...]:
    """The channels the project speaks on; all of them where no program says."""
    spoken = {Channel.of(point) for program in project.programs.values() for point in program.touchpoints}
    return tuple(channel for channel in Channel if channel in spoken) or tuple(Channel)
