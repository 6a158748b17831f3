"""The command line of the demonstration: flask demo load, accounts, generate."""

from __future__ import annotations

from time import monotonic

import click
from flask.cli import AppGroup

from trial.demo import country
from trial.demo.generator.generate import generate_country
from trial.demo.listing import accounts_as_markdown
from trial.demo.living import bring_to_life
from trial.demo.load import account_of, load_country

demo = AppGroup("demo", help="Invented people and units to try the platform with.")


@demo.command("load")
def load() -> None:
    """Load the demonstration country; what is there already stays as it is."""
    new = load_country()
    click.echo(f"{len(new)} graduates added; all accounts have the password {country.PASSWORD}")


@demo.command("live")
def live() -> None:
    """Fill three schools with people and records of the last weeks; does nothing where they are there already."""
    begun = monotonic()
    done = bring_to_life()
    click.echo(", ".join(f"{count} {what}" for what, count in done.items()) or "there already")
    click.echo(f"{monotonic() - begun:.0f} seconds")


@demo.command("accounts")
def accounts() -> None:
    """Print all accounts of the demonstration as Markdown."""
    click.echo(accounts_as_markdown())


@demo.command("generate")
@click.option("--graduates", type=click.IntRange(1, 20_000_000), required=True, help="How many to invent.")
@click.option("--seed", type=int, default=2027, show_default=True, help="The same seed invents the same country.")
@click.option("--school", default="", help="The code of the school that gets them all; its account is made.")
@click.option("--processes", type=click.IntRange(1, 64), help="As many as there are cores unless given.")
def generate(graduates: int, seed: int, school: str, processes: int | None) -> None:
    """Add invented graduates of many schools, or of one, with signings in all states, to what is there."""
    begun = monotonic()
    try:
        written = generate_country(graduates, seed=seed, processes=processes, school=school)
    except LookupError as error:
        raise click.BadParameter(str(error), param_hint="--school") from None
    if school:
        click.echo(f"account: {account_of(school)}, password {country.PASSWORD}")
    click.echo(", ".join(f"{count:,} {table}" for table, count in written.items()))
    click.echo(f"{monotonic() - begun:.0f} seconds")
