"""The night as the operators' pages tell it, command by command."""

import json
import re
import shutil
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.request import urlopen

import pytest
from moto.server import ThreadedMotoServer
from obstore.store import S3Store

from documented.blocks import CAPTURE, CENTER, CEREMONY, MIRROR, STATION, block
from documented.reader import NUMBER, until
from served.certificates import certificate

pytestmark = pytest.mark.xdist_group("documented")

AUDIT = "docs/commands/audit.md"
NGINX = "docs/commands/mirror-nginx.md"
CENTER_NGINX = "docs/commands/center-nginx.md"
TRUST = "docs/commands/trust.md"
WATCH = "docs/commands/watch.md"

PEOPLE_OF_A_HOUSE = block(CAPTURE, "openprep people add")
HOUSE = block(CAPTURE, "openprep capture serve")
HOUSE_STATUS = block(CAPTURE, "openprep capture status")
STATUS = block(STATION, "openprep station status")
PUBLISHER_STATUS = block(MIRROR, "openprep mirror status")
REQUEST_AGAIN = block(MIRROR, "openprep mirror show")
FOLLOW_A_TREE = block(MIRROR, "openprep mirror follow")
IMPORT = block(MIRROR, "openprep mirror import")
PACKAGE = block(CENTER, "openprep center package")
BACKUP = block(CENTER, "openprep center backup")
UNSEAL = block("docs/formats/package.md", "age -d")
REFRESH = block(CEREMONY, "openprep ceremony refresh")
RENEWAL = block(CEREMONY, "--out renewal")
BUILT_IN = block("docs/commands/mirror-serve.md", "openprep mirror serve")
SYNC = block("docs/commands/mirror-sync.md", "openprep mirror sync")
SITE = block(NGINX, "/etc/nginx/conf.d/prep.conf")
OWN_NGINX = block(NGINX, "--whole")
OWN_NGINX_ENDS = block(NGINX, "-s quit")
CENTER_SITE = block(CENTER_NGINX, "/etc/nginx/conf.d/centro.conf")
JOIN_TRUST = block(TRUST, "openprep trust join")
WATCH_ON = block(WATCH, "--status-page")
WATCH_ONCE = block(WATCH, "--once")
AUDIT_TREE = block(AUDIT, "openprep audit tree")
RECEIPT = block(AUDIT, "openprep audit receipt")
AUDIT_FILE = block(AUDIT, "openprep audit file")
CHECK_DATABASE = block("docs/commands/database-check.md", "PREP.zip")
PUBLISHER = "https://prep.tec.example"


def names_in(bucket):
    return {entry["path"] for page in bucket.list() for entry in page}


@pytest.fixture(scope="module")
def shown(night):
    """The night, once the publisher of the pages shows what the station sent, with its image."""

    def whole(pointer):
        return json.loads(pointer)["cut"] >= 1

    night.reader.wait_for(f"{PUBLISHER}/current.json", whole)
    return night


@pytest.fixture(scope="module")
def joined(shown):
    """The night, once an auditor joined its trust root by ear."""
    told = shown.reader.run(JOIN_TRUST, typed=NUMBER.search(shown.said["finish"])[0] + "\n")
    assert "publisher  tec: Tecnológico de Puebla" in told.stdout
    return shown


@pytest.fixture(scope="module")
def counted(joined):
    """The night, once there is an official database."""

    def has_database(pointer):
        return json.loads(pointer)["database"] is not None

    joined.reader.wait_for(f"{PUBLISHER}/current.json", has_database)
    return joined


def test_after_the_ceremony_the_centre_says_go(night):
    lines = night.said["self-test"].stdout.splitlines()
    assert not [line for line in lines if line.startswith("NO-GO")]


def test_after_joining_the_publisher_knows_the_trust_root_and_the_centre_admits_it(night):
    lines = night.said["publisher self-test"].stdout
    assert re.search(r"(?m)^ *go +trust root", lines), lines
    assert re.search(r"(?m)^ *go +centre, admission", lines), lines


def test_a_station_delivers_what_its_page_says_it_sends(night):
    assert "saved: 3 facts of actas.jsonl" in night.said["send"]
    assert "the centre has everything" in night.said["send"]
    assert "pending: 0 facts" in night.reader.run(STATUS).stdout


def test_a_house_opens_its_desks_and_says_how_it_stands(night):
    night.reader.run(PEOPLE_OF_A_HOUSE)
    house = night.reader.start(HOUSE)
    assert b"Sala de captura" in night.reader.wait_for("http://127.0.0.1:8040/entrar")
    assert "pending: 0 envelopes" in night.reader.run(HOUSE_STATUS).stdout
    night.reader.stop(house)


def test_a_publisher_says_what_is_up_and_prints_its_request_again(shown):
    assert "cut" in shown.reader.run(PUBLISHER_STATUS).stdout
    assert NUMBER.search(shown.reader.run(REQUEST_AGAIN).stderr)


def test_the_date_is_renewed_by_a_ceremony_and_by_the_timer(night):
    night.reader.run(REFRESH)
    assert "number to be spoken" in night.reader.run(RENEWAL).stdout


def test_a_copy_of_the_centre_is_made_while_it_runs(shown):
    shown.reader.run(BACKUP)
    assert list((shown.reader.place / "mnt/copies").glob("*/record.sqlite"))


def test_nginx_takes_the_files_that_the_pages_have_written_for_it(shown):
    place = shown.reader.place
    there = Path(shutil.copytree("/etc/nginx", place / "etc-nginx", symlinks=True))
    main = there / "nginx.conf"
    text = main.read_text().replace("/etc/nginx", str(there))
    main.write_text(text.replace("/run/nginx", f"{place}/nginx").replace("/var/log", str(place)))
    (place / "etc-ssl").mkdir()
    pair = certificate(place / "etc-ssl", datetime.now(UTC) + timedelta(days=30)).read_bytes()
    for name in ("prep.pem", "prep.key", "centro.pem", "centro.key"):
        (place / "etc-ssl" / name).write_bytes(pair)
    (place / "nginx").mkdir(exist_ok=True)
    for site in (SITE, CENTER_SITE):
        assert "test is successful" in shown.reader.run(site).stderr


def test_an_nginx_of_its_own_serves_the_tree_until_it_is_told_to_stop(shown):
    port = shown.reader.here("8080")
    shown.reader.run(OWN_NGINX)
    try:
        with urlopen(f"http://127.0.0.1:{port}/current.json", timeout=60) as answer:
            assert json.load(answer)["election"] == "puebla-2027"
    finally:
        shown.reader.run(OWN_NGINX_ENDS)


def test_the_built_in_server_serves_the_tree_on_the_port_of_the_page(shown):
    served = shown.reader.start(BUILT_IN)
    shown.reader.wait_for(f"http://127.0.0.1:{shown.reader.here('80')}/current.json")
    shown.reader.stop(served)


def test_the_tree_goes_into_the_bucket_of_the_page(shown):
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    base = f"http://{host}:{port}"
    subprocess.run(["curl", "-fsS", "-m60", "-X", "PUT", f"{base}/prep-2024"], check=True)
    keys = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_REGION": "us-east-1"}
    shown.reader.environment = {**keys, "AWS_ENDPOINT_URL": base, "AWS_ALLOW_HTTP": "true"}
    try:
        syncing = shown.reader.start(SYNC)
        bucket = S3Store(
            "prep-2024", config=keys, endpoint=base, client_options={"allow_http": True}
        )
        until(lambda: "publico/current.json" in names_in(bucket), "the tree in the bucket")
        shown.reader.stop(syncing)
    finally:
        shown.reader.environment = {}
        server.stop()


def test_any_tree_is_followed_under_the_key_of_the_log(shown):
    following = shown.reader.start(FOLLOW_A_TREE)
    port = shown.reader.here("8030")
    shown.reader.wait_for(f"http://127.0.0.1:{port}/current.json")
    shown.reader.stop(following)


def test_a_package_on_a_stick_is_taken_by_the_publisher_and_opened_by_age_alone(shown):
    reader = shown.reader
    reader.run(PACKAGE)
    reader.run(UNSEAL)
    assert json.loads((reader.place / "package.json").read_bytes())["election"] == "puebla-2027"
    (following,) = [running for running in reader.running if "mirror run" in running.block.text]
    reader.stop(following)
    try:
        assert "newer than what is up" in reader.run(IMPORT).stdout
    finally:
        reader.start(following.block)
        reader.wait_for(f"{PUBLISHER}/current.json")


def test_a_watch_sees_every_publisher_and_keeps_its_page(joined):
    watching = joined.reader.start(WATCH_ON)
    page = joined.reader.place / "srv/status/index.html"
    until(page.exists, "the status page")
    joined.reader.stop(watching)
    said = joined.reader.run(WATCH_ONCE).stdout
    assert "tec, unam" in said


def test_the_tree_of_the_publisher_holds_everything_that_the_audit_asks(counted):
    assert "PASS" in counted.reader.run(AUDIT_TREE).stdout


def test_a_receipt_is_made_and_proves(joined):
    said = joined.reader.run(RECEIPT).stdout
    assert "210113B01002" in said
    assert (joined.reader.place / "receipt.svg").exists()


def test_an_official_database_is_found_in_the_log_and_read(counted):
    reader = counted.reader
    assert "database" in reader.run(AUDIT_FILE).stdout
    found = reader.run(CHECK_DATABASE, code=(0, 1)).stdout
    # This night is held at any hour of the day: before 18:00 its actas come too early.
    assert set(re.findall(r"^D\d{3}", found, re.MULTILINE)) <= {"D063"}, found
