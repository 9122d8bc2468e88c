"""The uplinks of a run, as its configuration has them."""

from collections.abc import Callable
from typing import Self

from edge_vsr.config import RunConfig
from edge_vsr.uplink.base import LiveUplink, SegmentUplink
from edge_vsr.uplink.http import HttpUplink
from edge_vsr.uplink.open import is_live, open_live, open_uplink
from edge_vsr.uplink.options import UplinkOptions
from edge_vsr.uplink.renewable import RenewableLiveUplink, RenewableUplink


def uplink_options(config: RunConfig) -> UplinkOptions:
    """What an uplink needs to know besides its address."""
    return UplinkOptions(
        ca_file=config.ca_file,
        client_certificate=config.client_certificate,
        client_key=config.client_key,
        bearer_token=config.bearer_token,
        verify=config.verify,
    )


class Uplinks:
    """The far end that the spool is for, by one connection or several, and a live one besides where there is one."""

    def __init__(self, main: SegmentUplink | LiveUplink, more: list[RenewableUplink], live: LiveUplink | None) -> None:
        self.main = main
        self.more = more
        """Further connections to `main`."""
        self.live = live

    @classmethod
    def of(cls, config: RunConfig) -> Self:
        """Nothing is sent yet. Raises what `open_uplink` raises."""
        options = uplink_options(config)
        live = None if config.live_uplink is None else RenewableLiveUplink(open_live(config.live_uplink, options))
        if is_live(config.uplink):
            return cls(RenewableLiveUplink(open_live(config.uplink, options)), [], live)
        main = open_uplink(config.uplink, options)
        if not isinstance(main, HttpUplink):
            return cls(main, [], live)
        more = [RenewableUplink(HttpUplink(config.uplink, options)) for _ in range(1, config.parallel)]
        return cls(RenewableUplink(main), more, live)

    @property
    def name(self) -> str:
        """For people and logs, without secrets."""
        return self.main.name + (f", live to {self.live.name}" if self.live else "")

    def renewal(self, config: RunConfig) -> Callable[[], None]:
        options = uplink_options(config)
        lanes = [one for one in (self.main, *self.more) if isinstance(one, RenewableUplink)]
        sending = [(lane, HttpUplink(config.uplink, options)) for lane in lanes]
        pushing = [
            (one, open_live(url, options))
            for one, url in ((self.main, config.uplink), (self.live, config.live_uplink))
            if isinstance(one, RenewableLiveUplink) and url is not None
        ]

        def renew() -> None:
            for lane, fresh in sending:
                lane.renew(fresh)
            for one, live in pushing:
                one.renew(live)

        return renew
