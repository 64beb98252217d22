"""A project in a few lines: what `tactful check` tells when nothing is wrong."""

from __future__ import annotations

from tactful.project.declared import Project
from tactful.project.programs import Program


def describe(project: Project) -> str:
    """What the project holds: programs with their levels and offers, then contents, audiences, facts and sources.

    Args:
        project: read without errors.
    """
    settings = project.settings
    lines = [f"{settings.title or settings.name}: {settings.currency}, {settings.zone}, mode {settings.mode}"]
    lines += [f"  {_program(project, program)}" for program in sorted(project.programs.values(), key=_rank)]
    ids = sorted({content_id for content_id, _, _ in project.contents})
    languages = sorted({language for _, _, language in project.contents})
    lines.append(f"  {_count(len(ids), 'content')} in {', '.join(languages) or 'no language'}, "
                 f"{_count(len(project.contents), 'file')}, {_count(len(project.partials), 'partial')}")  # fmt: skip
    lines.append(f"  {_count(len(project.segments), 'segment')}: {', '.join(sorted(project.segments))}")
    lines.append(f"  {_count(len(project.facts), 'fact')}, {_count(len(project.stages), 'stage')}, "
                 f"{_count(len(project.metrics), 'metric')}, {_count(len(project.sources), 'source')}")  # fmt: skip
    unused = sorted(project.offers.keys() - {o for p in project.programs.values() for o in p.offers} - {"none"})
    if unused:
        lines.append(f"  offers that no program makes: {', '.join(unused)}")
    unspoken = sorted(set(ids) - {content for p in project.programs.values() for content in _contents(p)})
    if unspoken:
        lines.append(f"  contents that no program speaks: {', '.join(unspoken)}")
    lines.append(f"  fingerprint {project.fingerprint.hex()}")
    return "\n".join(lines)


def _rank(program: Program) -> tuple[int, str]:
    return (-program.priority, program.program)


def _contents(program: Program) -> set[str]:
    return {plan.content for plans in (program.levels, program.web) for plan in plans.values()}


def _program(project: Project, program: Program) -> str:
    levels = ", ".join(level.value for level in sorted(program.levels, key=lambda level: level.rank))
    title = project.segments[program.audience].title
    audience = f"{title[:1].lower()}{title[1:]}"
    offers = [name for name in program.offers if name != "none"]
    return (
        f"{program.program} ({program.purpose.value}): for {audience}; {', '.join(program.touchpoints)}; "
        f"levels {levels}; {'offers ' + ', '.join(offers) if offers else 'no offers'}"
    )


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
