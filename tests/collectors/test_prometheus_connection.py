"""Authentication, TLS and tenants against a real Prometheus; no proxy, no credential where none belongs."""

from __future__ import annotations

import subprocess
from datetime import UTC, datetime
from pathlib import Path

import pytest
import requests
from pydantic import ValidationError

from driftbot.collectors import prometheus
from driftbot.collectors.collector import Context
from driftbot.collectors.prometheus_options import PrometheusOptions
from driftbot.tape import LiveTape
from tests.servers.fake import Reply, fake_server
from tests.servers.process import binary

# The hash of the word "test" in the documentation of Prometheus' web configuration.
HASHED = "$2b$12$hNf2lSsxfm0.i4a.1kVpSOVyBCfIB51VRjgBUyv6kdnyTlgWj81Ay"


def read(url, **more):
    options = PrometheusOptions.model_validate({"url": url, "retries": 0, "timeout": 5, **more})
    return prometheus.read(options, Context("prometheus", "production", datetime.now(UTC), LiveTape(Path())))


def gaps(reading):
    return [gap.reason for entry in reading.coverage for gap in entry.gaps]


@pytest.mark.server
def test_basic_authentication(prometheus_server, tmp_path, monkeypatch):
    server = prometheus_server(
        arguments=["--web.config.file=web.yml"],
        files={"web.yml": f"basic_auth_users: {{shop: '{HASHED}'}}\n"},
        client={"auth": ("shop", "test")},
    )
    (tmp_path / "password").write_text("test\n")
    monkeypatch.setenv("WRONG", "hunter2hunter2")
    assert not gaps(read(server.url, basic={"username": "shop", "password": {"file": str(tmp_path / "password")}}))
    refused = read(server.url, basic={"username": "shop", "password": {"env": "WRONG"}})
    assert (
        "answered 401 Unauthorized" in gaps(refused)[-1] and "check the credentials of this source" in gaps(refused)[-1]
    )
    assert "hunter2" not in repr(refused)
    missing = read(server.url, basic={"username": "shop", "password": {"file": str(tmp_path / "nowhere")}})
    assert "nowhere cannot be read: No such file or directory" in gaps(missing)[-1]


@pytest.fixture
def certificates(tmp_path):
    """An authority, a server's certificate for 127.0.0.1 and a client's."""
    openssl = binary("openssl")

    def run(command):
        subprocess.run([openssl, *command.split()], cwd=tmp_path, check=True, capture_output=True)

    new = "req -newkey rsa:2048 -nodes -days 2"
    run(f"{new} -x509 -subj /CN=authority -keyout ca.key -out ca.crt")
    for name in ("server", "client"):
        run(f"{new} -subj /CN={name} -addext subjectAltName=IP:127.0.0.1 -keyout {name}.key -out {name}.csr")
        signed_by = "-CA ca.crt -CAkey ca.key -CAcreateserial -copy_extensions copy"
        run(f"x509 -req -in {name}.csr {signed_by} -days 2 -out {name}.crt")
    return tmp_path


@pytest.mark.server
def test_tls_with_a_client_certificate(prometheus_server, certificates):
    web = (
        f"tls_server_config: {{cert_file: {certificates}/server.crt, key_file: {certificates}/server.key,"
        f" client_ca_file: {certificates}/ca.crt, client_auth_type: RequireAndVerifyClientCert}}\n"
    )
    own = {"certificate": str(certificates / "client.crt"), "key": str(certificates / "client.key")}
    ca = str(certificates / "ca.crt")
    server = prometheus_server(
        arguments=["--web.config.file=web.yml"],
        files={"web.yml": web},
        scheme="https",
        client={"verify": ca, "cert": tuple(own.values())},
    )
    assert not gaps(read(server.url, tls={"ca": ca, **own}))
    assert "cannot be trusted" in gaps(read(server.url, tls=own))[-1]
    assert gaps(read(server.url, tls={"ca": ca})), "without our certificate the server refuses"
    nowhere = read(server.url, tls={"ca": str(certificates / "nowhere.crt"), **own})
    assert "nowhere.crt" in gaps(nowhere)[-1]


def test_a_bearer_token_and_a_tenant_are_sent(monkeypatch):
    monkeypatch.setenv("TOKEN", "abc\n")
    with fake_server(lambda _: Reply(404, b"")) as server:
        read(server.url, bearer={"env": "TOKEN"}, headers={"X-Scope-OrgID": "shop"})
    sent = server.requests[0].headers
    assert (sent["Authorization"], sent["X-Scope-OrgID"]) == ("Bearer abc", "shop")
    assert sent["User-Agent"].startswith("driftbot/")


def test_no_proxy_and_no_password_of_the_environment(monkeypatch, tmp_path):
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    (tmp_path / "netrc").write_text("machine 127.0.0.1 login a password b\n")
    with fake_server(lambda _: Reply(404, b"")) as server:
        read(server.url)
    assert server.requests and "Authorization" not in server.requests[0].headers


def test_a_proxy_that_is_named_is_used():
    with fake_server(lambda _: Reply(404, b"from the proxy")) as proxy:
        reading = read("http://prometheus.shop.example", proxy=proxy.url)
    assert "from the proxy" in gaps(reading)[0]


def test_a_redirect_to_another_host_does_not_take_the_credentials_along(monkeypatch):
    monkeypatch.setenv("TOKEN", "abc")
    with (
        fake_server(lambda _: Reply(404, b"")) as other,
        fake_server(lambda request: Reply(302, b"", {"Location": other.url + request.path})) as server,
    ):
        read(server.url, bearer={"env": "TOKEN"}, headers={"X-Api-Key": {"env": "TOKEN"}})
    assert other.requests
    assert not any({"Authorization", "X-Api-Key"} & set(request.headers) for request in other.requests)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"url": "prometheus:9090"}, "write the URL with http:// or https:// and a host"),
        ({"url": "http://shop:pass@prometheus:9090"}, "keep credentials out of the URL"),
        ({"url": "http://prometheus:9090?x=1"}, "write the URL without a query"),
        ({"bearer": {}}, "name one place of the secret"),
        ({"bearer": "abc"}, "valid dictionary"),
        ({"bearer": {"env": "A", "file": "b"}}, "name one place of the secret"),
        ({"bearer": {"env": "A"}, "basic": {"username": "a", "password": {"env": "B"}}}, "either `basic` or `bearer`"),
        ({"tls": {"key": "a"}}, "a client key needs its certificate"),
        ({"timeout": "soon"}, "is not a quantity in seconds"),
        ({"colour": "red"}, "Extra inputs are not permitted"),
    ],
)
def test_options_that_cannot_be_meant_are_refused(options, words):
    with pytest.raises(ValidationError, match=words):
        PrometheusOptions.model_validate({"url": "http://prometheus:9090", **options})


def test_the_clients_own_adapter_is_not_used_for_our_url():
    with requests.Session() as session:
        options = PrometheusOptions(url="http://prometheus:9090/prefix")
        connection = prometheus.connect(session, options)
        adapter = session.get_adapter("http://prometheus:9090/prefix/api/v1/rules")
        assert type(adapter).__name__ == "PoliteAdapter" and adapter._pool_maxsize == 2
        assert type(session.get_adapter("http://prometheus:9090/prefix.evil.example/")).__name__ == "HTTPAdapter"
        assert connection.url == options.url
