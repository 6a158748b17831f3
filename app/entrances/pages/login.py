"""The start page with its three entrances, log-in and log-out (R1.1)."""

from __future__ import annotations

from datetime import timedelta
from time import time

from flask import Response, abort, after_this_request, current_app, make_response, redirect, request, session, url_for
from flask_appbuilder.baseviews import BaseView, expose
from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response as AnyResponse
from wtforms import BooleanField, HiddenField, PasswordField, StringField
from wtforms.validators import InputRequired, Length

from app.access import devices, services, sessions
from app.access.actors import EMPLOYER, GRADUATE, STAFF
from app.access.models import Account
from app.access.second_factor import SecondFactorAsked
from app.base.errors import AppError, Throttled
from app.web.current import DEVICE, DOOR, SESSION_TOKEN, actor_or_none, forget_actor
from app.web.language import remember_language
from app.web.pages import door_of, own_path

_NAMES = {"employer": _("Employer log-in"), "school": _("School log-in"), "graduate": _("Graduate log-in")}
_LIFETIME = timedelta(hours=12)
STAY_FOR, _STAY_IDLE = timedelta(days=90), timedelta(days=30)  # a graduate's own phone
_SECOND = "second_step"  # in the cookie: whose password was right a moment ago
_SECOND_WITHIN = 300
_MOST_SESSIONS = 10  # browsers of one account of staff: the longest unused end
_KNOWN_FOR = timedelta(days=365)
_IDLE = {"employer": timedelta(minutes=30), "school": timedelta(minutes=30), "graduate": timedelta(hours=2)}


class LoginForm(FlaskForm):
    """User name and password."""

    username = StringField(_("User name"), validators=[InputRequired(_("Please fill this in.")), Length(max=128)])
    password = PasswordField(_("Password"), validators=[InputRequired(_("Please fill this in.")), Length(max=256)])
    next = HiddenField()
    challenge = HiddenField()
    answer = StringField()
    stay = BooleanField()


class EntranceView(BaseView):
    """`/`, `/login/<door>`, `/logout`; FAB's index and log-in view at once."""

    route_base = ""
    default_view = "start"

    @expose("/")
    def start(self) -> AnyResponse | str:
        """The three entrances; who is logged in goes on to the own workplace."""
        actor = actor_or_none()
        if actor is not None:
            return redirect(workplace(actor.kind))
        return str(self.render_template("entrance/start.html", doors=_door_urls(request.args.get("next"))))

    @expose("/login/")
    def login(self) -> AnyResponse:
        """FAB's address of the log-in: one chooses the entrance first."""
        return redirect(url_for("EntranceView.start", next=own_path(request.args.get("next"))))

    @expose("/login/<string:door>", methods=["GET", "POST"])
    def enter(self, door: str) -> AnyResponse:
        """The form of one entrance; right credentials at the wrong one are told which is theirs."""
        if door not in services.DOORS:
            abort(404)
        form = LoginForm()
        if request.method == "GET":
            form.next.data = own_path(request.args.get("next")) or ""
            return self._form(door, form)
        if not form.validate_on_submit():
            return self._form(door, form, status=422)
        try:
            account = services.authenticate(
                form.username.data,
                form.password.data,
                ip=request.remote_addr,
                door=door,
                device=request.cookies.get(DEVICE),
                challenge={"id": form.challenge.data, "answer": form.answer.data},
            )
        except SecondFactorAsked as asked:
            session[_SECOND] = {"user_id": asked.user_id, "door": door, "next": form.next.data, "at": int(time())}
            return redirect(url_for("EntranceView.second", door=door))
        except AppError as error:
            return self._form(door, form, error=error)
        log_in(account, door, stay=bool(form.stay.data))
        return redirect(destination(account, form.next.data))

    @expose("/login/<string:door>/code", methods=["GET", "POST"])
    def second(self, door: str) -> AnyResponse:
        """The second step: the code of the app, or a recovery code, within five minutes of the password."""
        waiting = session.get(_SECOND) or {}
        if waiting.get("door") != door or not int(time()) - waiting["at"] < _SECOND_WITHIN:
            return redirect(url_for("EntranceView.enter", door=door) if door in services.DOORS else "/")
        if request.method == "GET":
            return self._code_form(door)
        form = request.form
        try:
            account = services.prove_second_factor(
                waiting["user_id"],
                form.get("otp"),
                ip=request.remote_addr,
                device=request.cookies.get(DEVICE),
                challenge={"id": form.get("challenge"), "answer": form.get("answer")},
            )
        except AppError as error:
            return self._code_form(door, error)
        log_in(account, door)
        return redirect(destination(account, waiting["next"]))

    def _code_form(self, door: str, error: AppError | None = None) -> Response:
        facts = {"door": door, "name": _NAMES[door], "error": error.message if error else None}
        challenge = error.values.get("challenge") if error else None
        page = self.render_template("entrance/code.html", challenge=challenge, **facts)
        return _told(make_response(page, error.status if error else 200), error)

    @expose("/logout", methods=["POST"])
    def logout(self) -> AnyResponse:
        """End the session on the server and in the browser."""
        token = session.get(SESSION_TOKEN)
        if token:
            sessions.end_session(token, ip=request.remote_addr)
        session.clear()
        forget_actor()
        return redirect(url_for("EntranceView.start"))

    def _form(self, door: str, form: LoginForm, *, error: AppError | None = None, status: int = 200) -> Response:
        wrong_door = error.door if isinstance(error, services.WrongDoor) else None
        page = self.render_template(
            "entrance/login.html",
            door=door,
            doors=_door_urls(form.next.data),
            username=form.username.data or "",
            stay=bool(form.stay.data),
            next=own_path(form.next.data),
            errors=form.errors,
            error=error.message if error else None,
            challenge=error.values.get("challenge") if error else None,
            wrong_door=wrong_door
            and {"label": _NAMES[wrong_door], "url": url_for("EntranceView.enter", door=wrong_door)},
        )
        return _told(make_response(page, error.status if error else status), error)


def _told(response: Response, error: AppError | None) -> Response:
    if isinstance(error, Throttled):
        response.headers["Retry-After"] = str(error.retry_after)
    return response


def log_in(account: Account, door: str, *, stay: bool = False, way: str = "") -> None:
    """Give the browser a new session, whatever it had before, so that no id of an attacker lives on.

    `stay`: a graduate's own phone stays signed in for long; the session then works in this browser alone. `way`: what
    the trail says of how the person was known.
    """
    stay = stay and account.kind == GRADUATE
    old = session.get(SESSION_TOKEN)
    if old:
        sessions.end_session(old, ip=request.remote_addr)
    idle = current_app.config.get("SESSION_IDLE", _IDLE).get(door, _IDLE[door])
    token = sessions.open_session(
        account.user_id,
        door=door,
        ip=request.remote_addr,
        lifetime=STAY_FOR if stay else _LIFETIME,
        idle=_STAY_IDLE if stay else idle,
        device=_know_device(account) if stay else None,
        agent=request.user_agent.string,
        most=_MOST_SESSIONS if account.kind in STAFF else None,
        way=way,
    )
    remember_language(account.user_id)
    session.clear()
    session.permanent = stay
    session[SESSION_TOKEN], session[DOOR] = token, door
    if not stay:
        _know_device(account)
    forget_actor()


def _know_device(account: Account) -> bytes:
    """Give the browser the cookie by which it is known again: it is not held up by what others try. Returns its mark."""
    cookie = request.cookies.get(DEVICE) or devices.new_cookie()
    devices.note_device(account, cookie=cookie, ip=request.remote_addr, agent=request.user_agent.string)
    secure = bool(current_app.config["SESSION_COOKIE_SECURE"])

    @after_this_request
    def give(response: Response) -> Response:
        response.set_cookie(DEVICE, cookie, max_age=_KNOWN_FOR, httponly=True, samesite="Lax", secure=secure)
        return response

    return devices.mark_of(cookie)


def workplace(kind: str) -> str:
    """Where a kind of account works."""
    return {EMPLOYER: "/employer/", GRADUATE: "/graduate/"}.get(kind, "/staff/")


def _door_urls(wanted: str | None) -> dict[str, str]:
    target = own_path(wanted)
    return {door: url_for("EntranceView.enter", door=door, next=target) for door in services.DOORS}


def destination(account: Account, wanted: str | None) -> str:
    """Where one stands after the log-in: where one wanted to go if it is of this workplace, else at home."""
    home = workplace(account.kind)
    target = own_path(wanted)
    door = door_of(target or "")
    return target if target and target != "/" and door in (None, services.DOOR_OF_KIND[account.kind]) else home
