"""nginx in a folder of its own, as the far end of an uplink."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from subprocess import Popen

import pytest

from tests.integration.servers import need, running

_RTMP_MODULE = Path("/usr/lib/nginx/modules/ngx_rtmp_module.so")
_CONFIGURATION = """
daemon off;
master_process off;
pid {folder}/nginx.pid;
error_log stderr info;
{load}
events {{}}
"""
_HTTP = """
http {{
    access_log {folder}/access.log;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    server {{
        listen 127.0.0.1:{port}{listen};
        root {folder}/www;
        client_max_body_size 1m;
        {server}
        location / {{
            dav_methods PUT;
            create_full_put_path on;
        }}
    }}
}}
"""
_RTMP = """
rtmp {{
    server {{
        listen 127.0.0.1:{port};
        application live {{
            live on;
            record all;
            record_path {folder}/www;
        }}
    }}
}}
"""


@contextmanager
def webdav(folder: Path, port: int, *, listen: str = "", server: str = "") -> Iterator[Popen[bytes]]:
    """Takes PUT of up to 1 MB into folder/www. `listen` and `server` are added to the configuration."""
    text = _CONFIGURATION.format(folder=folder, load="") + _HTTP.format(
        folder=folder, port=port, listen=listen, server=server
    )
    with _running(folder, port, text) as process:
        yield process


@contextmanager
def rtmp(folder: Path, port: int) -> Iterator[Popen[bytes]]:
    """Records what is published under rtmp://127.0.0.1:port/live/ into folder/www."""
    if not _RTMP_MODULE.exists():
        pytest.skip("libnginx-mod-rtmp is not installed")
    text = _CONFIGURATION.format(folder=folder, load=f"load_module {_RTMP_MODULE};")
    with _running(folder, port, text + _RTMP.format(folder=folder, port=port)) as process:
        yield process


@contextmanager
def _running(folder: Path, port: int, text: str) -> Iterator[Popen[bytes]]:
    program = need("nginx")
    (folder / "www").mkdir(exist_ok=True)
    configuration = folder / "nginx.conf"
    configuration.write_text(text)
    with running([program, "-p", str(folder), "-c", str(configuration), "-e", "stderr"], port=port) as process:
        yield process
