"""Every setting that the environment may give, typed, with its default and what it means."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """Settings of one installation, read from `WILLOWBARK_...` variables."""

    model_config = SettingsConfigDict(env_prefix="WILLOWBARK_", extra="ignore")

    data: Path | None = Field(default=None, description="The data folder; chosen by platform when unset")
    secret_key: str | None = Field(default=None, description="Signs sessions; made and kept when unset")
    allowed_hosts: list[str] = Field(default=["localhost", "127.0.0.1", "[::1]"])
    https: bool = Field(default=False, description="Served over TLS: cookies are marked secure")
    log_format: Literal["json", "console"] = "console"
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
    metrics_token: str | None = Field(default=None, description="Bearer token of /metrics; closed when unset")
    session_hours: int = Field(default=12, ge=1, le=168)
    session_idle_minutes: int = Field(
        default=60, ge=1, le=1440, description="Nobody at work for so long: the session ends"
    )
    upload_limit_bytes: int = Field(default=512 * 1024 * 1024, ge=1024)
    import_limit_bytes: int = Field(
        default=2 * 1024 * 1024 * 1024, ge=1024, description="One imported file, before and after unpacking"
    )
    host: str = Field(default="localhost", description="The name or address that pages are served at")
    port: int = Field(default=8000, ge=1, le=65535, description="The port that pages are served at")
    web_processes: int = Field(default=1, ge=1, le=16, description="Processes that serve pages")
    web_threads: int = Field(default=72, ge=1, le=512, description="Threads of one such process")
    mail_host: str = Field(
        default="", description="The server that mail is handed to; without it none is sent"
    )
    mail_port: int = Field(default=587, ge=1, le=65535)
    mail_tls: Literal["starttls", "tls", "none"] = Field(
        default="starttls", description="How it is encrypted"
    )
    mail_user: str = ""
    mail_password: str = Field(default="", repr=False)
    mail_from: str = Field(default="willowbark@localhost", description="From whom mail is")
    db_pool_size: int = Field(default=12, ge=1, le=200, description="Connections of one process")
    language_model: str = Field(default="", description="A language model's name; without it none is asked")
    language_model_endpoint: str = Field(
        default="", description="Its OpenAI-compatible address, such as http://localhost:11434/v1"
    )
    language_model_key: str = Field(default="", repr=False)
    language_model_outside_host: str = Field(
        default="", description="The one host, not this machine, that patients' words may be sent to"
    )
    language_model_seconds: int = Field(default=60, ge=5, le=300, description="So long it is waited for")
