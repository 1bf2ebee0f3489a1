"""Settings of an installation: from the environment (COUNTERPROOF_...) or `counterproof.env` in the data folder."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

DEFAULT_DATA = Path("data")


class Settings(BaseSettings):
    """Every one of these is explained in README; a test compares the two lists."""

    model_config = SettingsConfigDict(env_prefix="COUNTERPROOF_", extra="ignore")

    data: Path = DEFAULT_DATA
    """Folder of database, files, key and mails; only its owner may read it."""
    database_url: str | None = None
    """postgresql+psycopg://...; without it one SQLite file in the data folder."""
    host: str = "127.0.0.1"
    port: int = 8321
    public_url: str | None = None
    """How browsers and gateways reach the desk; links in mails start with it."""
    trusted_proxies: list[str] = Field(default_factory=list)
    """Addresses whose X-Forwarded-For and X-Forwarded-Proto are believed."""
    smtp_host: str | None = None
    smtp_port: int = 587
    smtp_user: str | None = None
    smtp_password: SecretStr | None = None
    smtp_starttls: bool = True
    mail_from: str = "Counterproof <desk@localhost>"
    ping_url: str | None = None
    """Asked after each sweep, so that an outside watchdog notices when the desk stops."""
    send_window_seconds: float = 30.0
    """How old an intent may be when it is sent (the journal's send_by)."""
    call_timeout_seconds: float = 30.0
    """How long one call to a gateway may take."""
    settle_seconds: float = 30.0
    """How long after that nobody touches an abandoned intent."""
    tick_seconds: float = 20.0

    @property
    def url(self) -> str:
        return (self.public_url or f"http://{self.host}:{self.port}").rstrip("/")


def load(data: Path | None = None) -> Settings:
    """Settings for a data folder; its `counterproof.env` is read below the environment."""
    first = Settings() if data is None else Settings(data=data)
    env_file = first.data / "counterproof.env"
    if not env_file.exists():
        return first
    if data is None:
        return Settings(_env_file=env_file)  # type: ignore[call-arg]
    return Settings(data=data, _env_file=env_file)  # type: ignore[call-arg]
