"""`tactful.yaml`: name, zone, currency, where things are kept, environments. All defaults of the house stand here."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from tactful.project.shape import Declaration, Name, Names


class Environment(Declaration):
    """What differs between environments."""

    ledger: str | None = None
    lake: str | None = None
    mode: Literal["test", "live"] | None = None


class Settings(Declaration):
    """The whole of `tactful.yaml`."""

    name: Name
    title: str = ""
    zone: str
    currency: str = Field(pattern=r"^[A-Z]{3}$")
    languages: Names = ("en",)
    fallback: dict[str, Names] = Field(
        default={}, description="language → languages tried in turn; the first language at last"
    )
    ledger: str = "ledger.db"
    lake: str = "lake"
    out: str = "out"
    clock: str = Field(default="system", description="`system`, or an ISO instant at which the project's clock stands")
    salt: str = Field(min_length=1, description="any words; changing them draws all chances anew")
    memory: str = Field(default="1GB", pattern=r"^\d+(MB|GB)$")
    threads: int = Field(default=2, ge=1)
    mode: Literal["test", "live"] = "live"
    seeds: Names = Field(default=(), description="addresses that rehearsals may reach")
    token_key: str = Field(
        default="file:keys/token.key", description="a reference: env:NAME or file:path; never the secret itself"
    )
    environments: dict[str, Environment] = Field(default={})
    deliver: dict[str, str] = Field(default={"email": "file"}, description="channel → how it leaves")
