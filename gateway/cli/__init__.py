"""The command `personalize-gateway`.

Commands are imported when they are run: `--help` and `config check` need neither gRPC nor AWS.
"""

from importlib import import_module

import click

_COMMANDS = {
    "serve": ("gateway.cli.serve:serve", "Run the gateway."),
    "put": ("gateway.cli.put:put", "Send one request."),
    "import": ("gateway.cli.import_:import_", "Send the records of a file."),
    "emulator": (
        "gateway.personalize.emulator.command:emulator",
        "Run an emulator of Amazon Personalize.",
    ),
    "routes": (
        "gateway.cli.routes:routes",
        "Show what you may send where.",
    ),
    "lanes": ("gateway.cli.lanes:lanes", "List, pause, resume and purge the lanes of a gateway."),
    "dead-letters": (
        "gateway.cli.dead_letters:dead_letters",
        "Show, replay and delete what Personalize would not take.",
    ),
    "trackers": (
        "gateway.cli.trackers:trackers",
        "Create, show, watch and delete event trackers.",
    ),
    "outbox": ("gateway.cli.outbox:outbox", "Check the files of an outbox, or read them out."),
    "forget-user": (
        "gateway.cli.forget_user:forget_user",
        "Take a user out of outbox and dead letters.",
    ),
    "health": ("gateway.cli.health:health", "Ask the gateway whether it serves."),
    "config": ("gateway.cli.config:config", "Check a configuration, or print its schema."),
}


class LazyGroup(click.Group):
    """A group that imports a command when it is run, not to list it."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names in the order in which they are listed."""
        del ctx
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import and return a command; None where there is none of that name."""
        del ctx
        if cmd_name not in _COMMANDS:
            return None
        module, _, attribute = _COMMANDS[cmd_name][0].partition(":")
        command: click.Command = getattr(import_module(module), attribute)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the list of commands without importing any."""
        del ctx
        with formatter.section("Commands"):
            formatter.write_dl([(name, text) for name, (_, text) in _COMMANDS.items()])


@click.group(cls=LazyGroup)
@click.version_option(package_name="personalize-gateway", prog_name="personalize-gateway")
def main() -> None:
    """A gRPC gateway between a company's services and Amazon Personalize."""
