"""Credentials that change while a run goes on, each where it is used."""

from collections.abc import Callable
from dataclasses import replace
from typing import Protocol

from edge_vsr.config import RunConfig
from edge_vsr.secrets import find_secret


class Renewable(Protocol):
    """Something that has credentials."""

    def renewal(self, config: RunConfig) -> Callable[[], None]:
        """What puts the credentials of `config` to use; nothing is changed before that is called.

        Raises EdgeVsrError for some that cannot be used.
        """


class Current:
    """The configuration that a run has by now. Set by the main thread, read by any."""

    def __init__(self, config: RunConfig) -> None:
        self.config = config


def with_secrets(config: RunConfig) -> RunConfig:
    """`config` with the tokens that files, the environment and systemd's credentials hold now. Raises UsageError."""
    return replace(
        config,
        bearer_token=find_secret("uplink_token", config.bearer_token_file),
        metrics_token=find_secret("metrics_token", config.metrics_token_file),
    )
