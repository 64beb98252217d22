"""The command line: each command parses, calls one function of flow, and shows the answer."""

from __future__ import annotations

import importlib

import click

COMMANDS: dict[str, tuple[str, str]] = {
    "init": ("project", "Plant a project from a starter."),
    "check": ("project", "Check every file of the project; nothing runs before this passes."),
    "preview": ("content", "Open a content as any customer, at every width and in every branch."),
    "check-content": ("content", "Check single content files, in a project or without one."),
    "load": ("data", "Load what is new in the project's sources."),
    "plan": ("journey", "Show what a run would do, without doing it."),
    "run": ("journey", "Decide, compose and check every message; nothing leaves."),
    "proofs": ("journey", "Draw a run's proof page again."),
    "approve": ("journey", "Approve exactly what a run sealed."),
    "send": ("journey", "Deliver what was approved."),
    "stop": ("journey", "Stop everything that has not left yet."),
    "status": ("journey", "Show the last runs and what waits for whom."),
    "health": ("health", "Say whether work can go on; exit code 1 where somebody must look."),
    "explain": ("customer", "Say what was decided for one customer, and why."),
    "decide": ("customer", "Decide now what one customer is shown at a place they came to."),
    "show": ("customer", "Show one message exactly as it was made."),
    "replay": ("journey", "Derive a run's decisions again and compare them bit for bit."),
    "forget": ("customer", "Erase one person everywhere."),
    "export": ("customer", "Write everything known about one person to a folder."),
    "simulate": ("simulation", "Compare policies in a made-up world, or on this project's runs."),
    "suggest": ("suggest", "Evaluate recommendations, on any file of choices or on the project."),
    "report": ("data", "Show how complete and fresh each fact is."),
    "demo": ("demo", "Run the whole journey on real data, in ./demo."),
}
"""Every command: the file it stands in, and what it does in one line. Read without importing anything heavy."""


class _Lazy(click.Group):
    """A group whose commands are imported when they are called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        del ctx
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        del ctx
        if cmd_name not in COMMANDS:
            return None
        module = importlib.import_module(f".{COMMANDS[cmd_name][0]}", __name__)
        command = getattr(module, f"{cmd_name.replace('-', '_')}_command")
        assert isinstance(command, click.Command)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        import difflib

        word = args[0] if args else ""
        if word and not word.startswith("-") and word not in COMMANDS:
            near = difflib.get_close_matches(word, COMMANDS, n=1)
            guess = f" Did you mean '{near[0]}'?" if near else " `tactful --help` lists what there is."
            raise click.UsageError(f"there is no command '{word}'.{guess}", ctx)
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        del ctx
        with formatter.section("Commands"):
            formatter.write_dl([(name, says) for name, (_, says) in COMMANDS.items()])


@click.group(cls=_Lazy, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(package_name="tactful", prog_name="tactful")
def main() -> None:
    """Tactful: purposeful personalization.

    Which message, with which offer, on which channel, at which level of personalization, or nothing at all, for every
    customer; every message checked before it can leave.

    The order of work: check, plan, run, approve, send. Exit code 0 is done, 1 findings, 2 misuse, 3 failure.
    """
