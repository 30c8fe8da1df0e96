"""`personalize-gateway config token`."""

import click

from gateway.identity.tokens import new_token


@click.command()
@click.argument("caller")
def token(caller: str) -> None:
    """Make a token for CALLER, whom the gateway is then to know by it.

    Standard output gets the token, which is for the caller alone and is not kept anywhere; standard
    error gets the line for the file that identity.tokens.file names.
    """
    try:
        made = new_token(caller)
    except ValueError:
        raise click.UsageError("CALLER must be visible ASCII characters, without *") from None
    click.echo(f"Line for the file of tokens:\n{made.line}\nToken:", err=True)
    click.echo(made.token)
