"""flask access …: roles and permissions, the first operator, sessions."""

from __future__ import annotations

import click
from flask.cli import AppGroup
from flask_appbuilder.security.sqla.models import User
from sqlalchemy import select

from app.access import audit, roles, second_factor, sessions
from app.access.accounts import create_account, hash_password
from app.access.actors import OPERATOR, SYSTEM
from app.access.passwords import check_password
from app.base.database import session, transaction
from app.base.errors import AppError, Invalid
from app.staff.roles import matrix as role_queries

group = AppGroup("access", help="Accounts, roles and sessions.")


@group.command("sync")
def sync_command() -> None:
    """Bring permissions and roles up to date; run after `flask db upgrade`, before the servers."""
    click.echo(f"roles: {sync()} new grants")


def sync() -> int:
    """Permissions of all registered views, APIs, menus and workflows, and what roles are first given."""
    seeds = roles.all_seeds(role_queries.registered_views(), role_queries.registered_menu())
    return roles.sync_roles(seeds, role_queries.registered_pairs())


@group.command("create-operator")
@click.argument("username")
@click.option("--name", prompt=True, help="The person's name.")
@click.password_option()
def create_operator_command(username: str, name: str, password: str) -> None:
    """Create an operator account: the first one of an empty platform."""
    try:
        check_password(password, username)
        create_account(username=username, name=name, kind=OPERATOR, password_hash=hash_password(password), actor=SYSTEM)
    except Invalid as error:
        raise click.ClickException(" ".join(str(text) for texts in error.errors.values() for text in texts)) from error
    except AppError as error:
        raise click.ClickException(error.message) from error
    click.echo(f"operator {username} created")


@group.command("drop-second-factor")
@click.argument("username")
def drop_second_factor_command(username: str) -> None:
    """Switch a second factor off: for the last operator, above whom nobody is."""
    user_id = session.scalar(select(User.id).where(User.username == username))
    with transaction():
        if user_id is None or not second_factor.drop(user_id):
            raise click.ClickException("There is no such user, or no second factor.")
        audit.record("totp_dropped", actor=SYSTEM, subject=username)
    click.echo(f"second factor of {username} switched off")


@group.command("log-out")
@click.argument("username")
def log_out_command(username: str) -> None:
    """End all sessions and tokens of a user at once."""
    user_id = session.scalar(select(User.id).where(User.username == username))
    if user_id is None:
        raise click.ClickException("There is no such user.")
    click.echo(f"{sessions.end_sessions_of(user_id)} sessions ended")
