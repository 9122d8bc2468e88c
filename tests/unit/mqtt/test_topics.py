import pytest

from edge_vsr.errors import UsageError
from edge_vsr.mqtt.topics import Broker, Topics

SECRET = "s3cr3t"


def test_an_address_says_where_and_who() -> None:
    broker = Broker.parse(f"mqtts://front:{SECRET}%2F@broker.example:8884/site/front/", "demo")
    assert (broker.host, broker.port, broker.tls) == ("broker.example", 8884, True)
    assert (broker.user, broker.password) == ("front", f"{SECRET}/")
    assert broker.topics == Topics("site/front")
    assert broker.shown == "mqtts://broker.example:8884/site/front"
    assert SECRET not in repr(broker)


@pytest.mark.parametrize(("scheme", "port"), [("mqtt", 1883), ("mqtts", 8883), ("MQTT", 1883)])
def test_what_is_left_out_has_its_usual_value(scheme: str, port: int) -> None:
    broker = Broker.parse(f"{scheme}://host", "rtsp://***@10.0.0.2/Main stream")
    assert (broker.port, broker.user, broker.topics.base) == (port, None, "edge-vsr/rtsp-10-0-0-2-main-stream")


@pytest.mark.parametrize(
    "url",
    [
        SECRET,
        f"http://{SECRET}@host",
        f"mqtt:{SECRET}@host",
        f"mqtt://u:{SECRET}@",
        f"mqtt://u:{SECRET}@host:port",
        f"mqtt://u:{SECRET}@host:0",
        f"mqtt://u:{SECRET}?@host",
        f"mqtt://u:a/{SECRET}@host",
        f"mqtt://u:{SECRET} @host",
        f"mqtt://u:{SECRET}@[::1",
        f"mqtt://u:{SECRET}@a..b",
        f"mqtt://u:{SECRET}@{'x' * 64}.org",
        f"mqtt://u:{SECRET}@host/a/+/b",
        f"mqtt://u:{SECRET}@host/a%23",
        f"mqtt://u:{SECRET}@host/$SYS",
        f"mqtt://u:{SECRET}@host/a//b",
        f"mqtt://u:{SECRET}@host/{'a' * 201}",
    ],
)
def test_an_address_that_cannot_be_used_is_refused_and_not_repeated(url: str) -> None:
    with pytest.raises(UsageError, match="write mqtt://") as caught:
        Broker.parse(url, "demo")
    assert SECRET not in str(caught.value)
