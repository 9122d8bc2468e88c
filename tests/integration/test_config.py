"""A configuration from the file to the run, as a user sees it."""

import signal
from pathlib import Path

import pytest

from edge_vsr.cli.uplinks import Uplinks
from edge_vsr.config import RunConfig
from edge_vsr.errors import CameraNotFound, EdgeVsrError, ModelError, OutputError, UplinkRefused, UsageError
from edge_vsr.uplink.renewable import RenewableUplink
from tests.integration import nginx
from tests.integration.certificates import certify
from tests.integration.command import LIGHT, Outcome, started
from tests.integration.command import edge_vsr as run_edge_vsr
from tests.integration.servers import free_port

SECRET = "S3CR3T"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "front.toml"


def config(*words: object, state: Path, **variables: str) -> Outcome:
    return run_edge_vsr("config", *words, state=state, cwd=state, **variables)


def rows(shown: Outcome) -> dict[str, list[str]]:
    """Key to what stands beside it."""
    return {line.split()[0]: line.split()[1:] for line in shown.output.splitlines() if line.split()}


def test_a_flag_counts_before_a_variable_and_that_before_the_file(tmp_path: Path, file: Path) -> None:
    file.write_text(f'camera = "demo"\nuplink = "https://u:{SECRET}@h/"\nspool_mb = 20\nparallel = 3\n')
    shown = config("show", file, state=tmp_path, EDGE_VSR_SPOOL_MB="30", EDGE_VSR_UPLINK_TOKEN=SECRET)
    assert shown.code == 0, shown.output
    table = rows(shown)
    assert table["spool_mb"] == ["30.0", "EDGE_VSR_SPOOL_MB", "live"]
    assert table["parallel"] == ["3", "file"]
    assert table["order"] == ["oldest-first", "default"]
    assert table["uplink"] == ["https://***@h/", "file", "secrets"]
    assert table["uplink_token"] == ["***", "secret"]
    assert SECRET not in shown.output


@pytest.mark.parametrize("text", ["a folder", "https://h/ rtsp://h/x", "a folder\nrtsp://h/x"])
def test_far_ends_in_a_variable_count_before_those_in_the_file(tmp_path: Path, file: Path, text: str) -> None:
    file.write_text('camera = "demo"\nuplink = ["out", "rtmp://h/x"]\n')
    wanted = text.replace(" rtsp", "\nrtsp").replace("\n", " and ").split()
    shown = config("show", file, state=tmp_path, EDGE_VSR_UPLINK=text)
    assert rows(shown)["uplink"] == [*wanted, "EDGE_VSR_UPLINK", "secrets"]


def test_addresses_may_be_systemd_credentials(tmp_path: Path, file: Path) -> None:
    file.write_text('camera = "demo"\n')
    credentials = tmp_path / "credentials"
    credentials.mkdir()
    (credentials / "uplink").write_text(f"https://u:{SECRET}@h/\n")
    shown = config("show", file, state=tmp_path, CREDENTIALS_DIRECTORY=str(credentials))
    assert rows(shown)["uplink"] == ["https://***@h/", "credential", "secrets"]


def test_a_run_by_its_file_alone_and_what_it_follows(quick_path: Path, file: Path) -> None:
    text = 'camera = "demo"\nuplink = "out"\nsize = "320x180"\nfps = 15\nsr = "off"\n'
    file.write_text(text + "spool_mb = 20\n")
    with started("run", "--config", file, state=quick_path, cwd=quick_path) as command:
        command.until(lambda: (quick_path / "out" / "index.m3u8").exists(), "a first segment")
        file.write_text(text.replace('sr = "off"', 'sr = "on"') + "spool_mb = 20\n")
        command.process.send_signal(signal.SIGHUP)
        command.until(lambda: "restart it to have it" in command.output, "a change that cannot be followed")
        file.write_text(text + 'spool_mb = 20\nrung = "low"\nparallel = 4\n')
        command.process.send_signal(signal.SIGHUP)
        command.until(lambda: "rung low" in command.output, "another rung")
        command.process.send_signal(signal.SIGTERM)
        outcome = command.ended()
    assert outcome.code == 0, outcome.output
    assert "needs a restart: parallel" in outcome.output


def test_credentials_that_rotate_are_taken_over_without_a_restart(quick_path: Path) -> None:
    port, users, file = free_port(), quick_path / "users", quick_path / "front.toml"

    def configure(password: str) -> None:
        file.write_text(
            f'camera = "demo"\nuplink = "http://camera:{password}@127.0.0.1:{port}/"\n'
            'size = "320x180"\nfps = 15\nsr = "off"\nrung = "native"\nparallel = 2\n'
        )

    users.write_text("camera:{PLAIN}S3CR3T-1\n")
    configure("S3CR3T-1")
    with (
        nginx.webdav(quick_path, port, server=f"auth_basic x; auth_basic_user_file {users};"),
        started("run", "--config", file, state=quick_path / "state") as command,
    ):
        command.until(lambda: list((quick_path / "www").glob("*.ts")), "a first segment")
        users.write_text("camera:{PLAIN}S3CR3T-2\n")
        command.until_said("uplink refused")
        configure("S3CR3T-2")
        command.process.send_signal(signal.SIGHUP)
        command.until_said("changed now: uplink")
        command.until_said("is back after")
        command.until(lambda: not any((quick_path / "state").rglob("*.ts")), "an empty spool")
        command.process.send_signal(signal.SIGTERM)
        outcome = command.ended()
    assert (outcome.code, outcome.waiting) == (0, 0), outcome.output
    assert outcome.delivered == outcome.segments, "what waited meanwhile was lost"
    assert "S3CR3T" not in outcome.output


def test_certificates_that_were_renewed_are_read_again(quick_path: Path) -> None:
    certify(quick_path, "server", "subjectAltName=DNS:localhost")
    port, trusted = free_port(), quick_path / "trusted.pem"
    trusted.write_bytes((quick_path / "server-ca.pem").read_bytes())
    config = RunConfig(camera="demo", uplink=f"https://localhost:{port}/", ca_file=trusted, verify=False)
    uplinks = Uplinks.of(config)
    assert isinstance(uplinks.main, RenewableUplink)
    tls = f"ssl_certificate {quick_path}/server.pem; ssl_certificate_key {quick_path}/server.key;"
    with nginx.webdav(quick_path, port, listen=" ssl", server=tls):
        uplinks.main.put("a.ts", b"a")
    uplinks.main.close()
    certify(quick_path, "server", "subjectAltName=DNS:localhost")
    with nginx.webdav(quick_path, port, listen=" ssl", server=tls):
        with pytest.raises(UplinkRefused, match="not trusted"):
            uplinks.main.put("b.ts", b"b")
        trusted.write_text("half a certificate")
        with pytest.raises(UsageError, match="cannot use the CA file"):
            uplinks.renewal(config)
        trusted.write_bytes((quick_path / "server-ca.pem").read_bytes())
        uplinks.renewal(config)()
        uplinks.main.put("b.ts", b"b")
    uplinks.main.close()
    assert (quick_path / "www/b.ts").read_bytes() == b"b"


def test_the_example_is_in_order_but_for_its_camera(tmp_path: Path, file: Path) -> None:
    made = config("init", file, state=tmp_path)
    assert made.code == 0, made.output
    assert file.stat().st_mode & 0o777 == 0o600
    assert config("check", file, state=tmp_path).code == 0
    again = config("init", file, state=tmp_path)
    assert again.code == OutputError.exit_code
    assert "is there already; --force" in again.output
    assert config("init", file, "--force", state=tmp_path).code == 0


BAD: list[tuple[str, type[EdgeVsrError], str]] = [
    ('camera = "demo"\nuplnk = "out"', UsageError, "did you mean uplink?"),
    ('camera = "demo"', UsageError, "no far end is given"),
    ('camera = "missing.mp4"\nuplink = "out"', CameraNotFound, "no file 'missing.mp4'"),
    (f'camera = "demo"\nuplink = "ftp://u:{SECRET}@h/"', UsageError, "no uplink over ftp://"),
    ('camera = "demo"\nuplink = "https://h/"\nuplink_ca = "no.pem"', UsageError, "cannot use the CA file"),
    ('camera = "demo"\nuplink = "out"\nuplink_token_file = "none"', UsageError, "cannot read the secret in none"),
    ('camera = "demo"\nuplink = "out"\nrung = "enhanced"\nsr = "off"', UsageError, "leave out --sr off"),
    ('camera = "demo"\nuplink = "out"\nfps = 1000', UsageError, "up to 240"),
    ('camera = "demo"\nuplink = "out"\nmodel = "ear-xl"', ModelError, "there are: bicubic, ear-l-x2"),
    ('camera = "demo"\nuplink = "front.toml/out"', OutputError, "front.toml is no folder"),
    ('camera = "demo"\nuplink = "out"\nspool = "front.toml"', OutputError, "front.toml is no folder"),
    ('camera = "demo"\nuplink = "out"\nruntime = "tensorrt"', UsageError, "choose auto, onnxruntime or openvino"),
]


@pytest.mark.parametrize(("text", "kind", "says"), BAD, ids=[case[2] for case in BAD])
def test_a_check_says_what_a_run_would(
    tmp_path: Path, file: Path, text: str, kind: type[EdgeVsrError], says: str
) -> None:
    file.write_text(text)
    before = set(tmp_path.rglob("*"))
    outcome = config("check", file, state=tmp_path)
    assert outcome.code == kind.exit_code, outcome.output
    assert outcome.output.count("\n") == 1, f"not one line: {outcome.output}"
    assert says in outcome.output
    assert SECRET not in outcome.output
    assert set(tmp_path.rglob("*")) == before, "something was written"


def test_a_run_with_a_wrong_file_does_not_start(tmp_path: Path, file: Path) -> None:
    file.write_text("spool-mb = 3\n")
    outcome = run_edge_vsr("run", "--config", file, "--camera", "demo", "--uplink", "out", *LIGHT, state=tmp_path)
    assert outcome.code == UsageError.exit_code
    assert outcome.output == f"edge-vsr: {file}: no key 'spool-mb'; did you mean spool_mb?\n"
