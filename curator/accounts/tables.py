"""People at the desk: their places, sign-ins, second factors, links, tokens and stand-ins, and counters of tries."""

from datetime import datetime

from sqlalchemy import JSON, BigInteger, CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from curator.accounts.values import Means, Role
from curator.db import Base, BigKey


class User(Base):
    """A person who may sign in; without a password only by a one-time link."""

    __tablename__ = "user"
    __table_args__ = (
        UniqueConstraint("address_key"),
        CheckConstraint("role in ('owner', 'editor', 'writer', 'viewer')", name="role"),
    )

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    address: Mapped[str] = mapped_column(String(320))
    address_key: Mapped[str] = mapped_column(String(320))
    name: Mapped[str] = mapped_column(String(200))
    role: Mapped[Role] = mapped_column(String(16))
    password_hash: Mapped[str | None] = mapped_column(String(300))
    is_active: Mapped[bool] = mapped_column(default=True)
    # Keys without a modifier can be switched off (WCAG 2.1.4): whoever dictates types them by accident.
    has_shortcuts: Mapped[bool] = mapped_column(default=True)
    epoch: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime]
    signed_in_at: Mapped[datetime | None]
    # Whoever is away is not counted on where two people must agree.
    away_until: Mapped[datetime | None]


class Membership(Base):
    """A person's role in one newsletter where it differs from their role at the desk; `none` is no place there."""

    __tablename__ = "membership"
    __table_args__ = (CheckConstraint("role in ('editor', 'writer', 'viewer', 'none')", name="role"),)

    user_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"), primary_key=True)
    newsletter_id: Mapped[int] = mapped_column(ForeignKey("newsletter.id", ondelete="CASCADE"), primary_key=True)
    role: Mapped[str] = mapped_column(String(16))


class StandInDates(Base):
    """From when until when somebody approves in somebody else's stead; without a newsletter, in all."""

    __tablename__ = "stand_in"
    __table_args__ = (
        CheckConstraint("begins_at < ends_at", name="dates"),
        CheckConstraint("user_id <> for_user_id", name="two_people"),
        Index("ix_stand_in_user_id", "user_id"),
    )

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"))
    for_user_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"))
    newsletter_id: Mapped[int | None] = mapped_column(ForeignKey("newsletter.id", ondelete="CASCADE"))
    begins_at: Mapped[datetime]
    ends_at: Mapped[datetime]


class SignIn(Base):
    """One running sign-in: a browser holds its token, this row the token's hash. It ends with its row."""

    __tablename__ = "sign_in"
    __table_args__ = (UniqueConstraint("token_hash"), Index("ix_sign_in_user_id", "user_id"))

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"))
    token_hash: Mapped[str] = mapped_column(String(64))
    epoch: Mapped[int]
    means: Mapped[Means] = mapped_column(String(16))
    network: Mapped[str] = mapped_column(String(64))
    browser: Mapped[str] = mapped_column(String(80))
    created_at: Mapped[datetime]
    seen_at: Mapped[datetime]


class SignInTry(Base):
    """One sign-in that was let in or refused, kept for a season."""

    __tablename__ = "sign_in_try"
    __table_args__ = (
        CheckConstraint("means in ('password', 'link', 'code', 'recovery code')", name="means"),
        Index("ix_sign_in_try_user_id_at", "user_id", "at"),
        Index("ix_sign_in_try_at", "at"),
    )

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"))
    at: Mapped[datetime]
    means: Mapped[Means] = mapped_column(String(16))
    is_let_in: Mapped[bool]
    network: Mapped[str] = mapped_column(String(64))
    browser: Mapped[str] = mapped_column(String(80))


class SecondFactor(Base):
    """The secret that a person's authenticator shares with us, encrypted; unconfirmed until a code of it came.

    `used_step` is the last 30 seconds of which a code was taken: none counts twice (RFC 6238 5.2).
    """

    __tablename__ = "second_factor"

    user_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"), primary_key=True)
    sealed_secret: Mapped[str] = mapped_column(String(300))
    created_at: Mapped[datetime]
    confirmed_at: Mapped[datetime | None]
    used_step: Mapped[int] = mapped_column(BigInteger, default=0)


class RecoveryCode(Base):
    """One of the codes for whoever lost their authenticator, by its hash; each works once."""

    __tablename__ = "recovery_code"

    user_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"), primary_key=True)
    code_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    used_at: Mapped[datetime | None]


class SignInLink(Base):
    """A one-time link; only the hash of its token is kept."""

    __tablename__ = "sign_in_link"

    token_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"))
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class ApiToken(Base):
    """What lets a program do a few things (`scopes`) in a person's name; only its hash is kept.

    With a newsletter it is for that one alone; without an end it works until it is revoked.
    """

    __tablename__ = "api_token"
    __table_args__ = (UniqueConstraint("token_hash"),)

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"))
    name: Mapped[str] = mapped_column(String(100))
    token_hash: Mapped[str] = mapped_column(String(64))
    scopes: Mapped[list[str]] = mapped_column(JSON)
    created_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]
    expires_at: Mapped[datetime | None]
    newsletter_id: Mapped[int | None] = mapped_column(ForeignKey("newsletter.id", ondelete="CASCADE"))


class ApiAnswer(Base):
    """What a program was answered whose request bears a key: the same again gets the same. No status: under way.

    `fingerprint` is a hash of the request, keyed with the token itself, which is kept nowhere.
    """

    __tablename__ = "api_answer"
    __table_args__ = (Index("ix_api_answer_at", "at"),)

    token_id: Mapped[int] = mapped_column(ForeignKey("api_token.id", ondelete="CASCADE"), primary_key=True)
    key_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    fingerprint: Mapped[str] = mapped_column(String(64))
    at: Mapped[datetime]
    status: Mapped[int | None]
    headers: Mapped[dict[str, str]] = mapped_column(JSON)
    body: Mapped[str] = mapped_column(Text)


class Attempt(Base):
    """How often something was tried within one window of time, by address or by network (hashed)."""

    __tablename__ = "attempt"
    __table_args__ = (Index("ix_attempt_window_at", "window_at"),)

    key: Mapped[str] = mapped_column(String(64), primary_key=True)
    window_at: Mapped[datetime] = mapped_column(primary_key=True)
    count: Mapped[int] = mapped_column(default=0)
