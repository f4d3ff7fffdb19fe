"""A report as files: a page that any web server can serve, JSON, and Prometheus metrics."""

from collections.abc import Callable
from datetime import datetime, tzinfo
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
from jinja2 import Environment, PackageLoader, StrictUndefined
from prometheus_client import CollectorRegistry, Gauge, generate_latest

from openprep.coded import Text, said
from openprep.durable import write_durably
from openprep.watch.codes import WatchCode
from openprep.watch.report import NetworkReport, SiteReport, State
from openprep.watch.words import (
    ALARMS,
    ALL_IN_ORDER,
    FORKED,
    KINDS,
    NETWORK_ALARM,
    SITE_ALARM,
    STATES,
    BothLanguages,
    sites_alarmed,
)

PAGE = "index.html"
STILL = "still.html"
"""The same for readers whom a page that reloads disturbs (WCAG 2.2.1); each links the other."""

STATUS = "status.json"
TEMPLATE = "network_status.html.j2"
SHOWN_FORKS = 10
OFFICIAL_ZONE = ZoneInfo("America/Mexico_City")
_MONTHS = ["ene", "feb", "mar", "abr", "may", "jun", "jul", "ago", "sep", "oct", "nov", "dic"]


def write_status(report: NetworkReport, folder: Path, refresh: int) -> None:
    """``index.html``, which reloads itself every ``refresh`` seconds, and what stands beside it.

    That is ``still.html``, which does not, and ``status.json``. Each is whole at every instant.

    Raises:
        OSError: the folder cannot be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    write_durably(folder / STATUS, status_json(report))
    write_durably(folder / STILL, status_page(report, None).encode())
    write_durably(folder / PAGE, status_page(report, refresh).encode())


def status_json(report: NetworkReport) -> bytes:
    """The report as JSON; times with their offsets."""
    return msgspec.json.encode(report)


def status_page(report: NetworkReport, refresh: int | None) -> str:
    """The page. Names, addresses and details come from others and are shown as text only."""
    zone = report.newest.time.tzinfo if report.newest else None
    template = _environment(zone or OFFICIAL_ZONE).get_template(TEMPLATE)
    headline = _headline(report)
    return template.render(
        report=report,
        newest=report.newest,
        headline=headline.spanish,
        headline_english=headline.english,
        states=STATES,
        kinds=KINDS,
        refresh=refresh,
        still=STILL,
        live=PAGE,
        shown_forks=SHOWN_FORKS,
    )


def _headline(report: NetworkReport) -> BothLanguages:
    if report.forks:
        return FORKED
    if report.alarms:
        return NETWORK_ALARM
    alarmed = sum(bool(site.alarms) for site in report.sites)
    if alarmed == 1:
        return SITE_ALARM
    return sites_alarmed(alarmed) if alarmed else ALL_IN_ORDER


def _environment(zone: tzinfo) -> Environment:
    environment = Environment(
        loader=PackageLoader("openprep.watch", ""),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
    )
    filters: dict[str, Callable[..., Any]] = {
        "moment": lambda at: moment(at, zone),
        "hour": lambda at: f"{at.astimezone(zone):%H:%M:%S}",
        "duration": duration,
        "spanish": spanish,
    }
    environment.filters.update(filters)
    return environment


def moment(at: datetime, zone: tzinfo) -> str:
    """A time in ``zone`` as it is written in Mexico: ``2 jun 2024, 20:20:00 (UTC−6)``."""
    local = at.astimezone(zone)
    minutes = int(local.utcoffset().total_seconds()) // 60  # type: ignore[union-attr]  # it has a zone
    hours, rest = divmod(abs(minutes), 60)
    offset = f"{'+' if minutes > 0 else '−'}{hours}{f':{rest:02}' if rest else ''}"
    day = f"{local.day} {_MONTHS[local.month - 1]} {local.year}"
    return f"{day}, {local:%H:%M:%S}\N{NO-BREAK SPACE}(UTC{offset if minutes else ''})"


def duration(seconds: float) -> str:
    """A span of time in words, in its two largest units."""
    whole = max(0, round(seconds))
    units = (("d", 86400), ("h", 3600), ("min", 60), ("s", 1))
    first = next((n for n, (_, size) in enumerate(units) if whole >= size), len(units) - 1)
    parts: list[str] = []
    for name, size in units[first : first + 2]:
        count, whole = divmod(whole, size)
        if count or not parts:
            parts.append(f"{count} {name}")
    return " ".join(parts)


def spanish(code: str) -> str:
    """What a code means, in Spanish."""
    return ALARMS[next(member for member in WatchCode if member.code == code)]


def metrics(report: NetworkReport) -> bytes:
    """The report in Prometheus' text format, for its node exporter's textfile collector.

    Made anew each time, so that what is no longer there is no longer shown.
    """
    registry = CollectorRegistry()
    newest = report.newest
    for name, what, value in (
        ("report_timestamp_seconds", said("When this was written"), report.at.timestamp()),
        ("publishers", said("Publishers enrolled"), report.publishers),
        ("quorum", said("Publishers that must hold a cut"), report.quorum),
        ("forks", said("Contradictions that the log signed"), len(report.forks)),
        ("newest_cut", said("Number of the newest cut known"), newest.cut if newest else -1),
        (
            "newest_cut_timestamp_seconds",
            said("Time of the newest cut known"),
            newest.time.timestamp() if newest else 0,
        ),
        ("holders", said("Publishers that hold it"), len(newest.held_by) if newest else 0),
    ):
        Gauge(f"openprep_watch_{name}", str(what), registry=registry).set(value)
    _site_metrics(report, registry)
    _alarm_metrics(report, registry)
    return generate_latest(registry)


_SITE_METRICS: tuple[tuple[str, Text, Callable[[SiteReport], float | None]], ...] = (
    ("up", said("Whether the site answered"), lambda site: site.state is not State.UNREACHABLE),
    ("cut", said("Number of the cut it shows"), lambda site: site.cut),
    ("cuts_behind", said("Cuts behind the newest known"), lambda site: site.cuts_behind),
    (
        "seconds_behind",
        said("Seconds between its cut and the newest"),
        lambda site: site.seconds_behind,
    ),
    ("answer_seconds", said("Time for the first files"), lambda site: site.answer_seconds),
    ("cosignatures", said("Cosignatures on its checkpoint"), lambda site: len(site.cosigned_by)),
)


def _site_metrics(report: NetworkReport, registry: CollectorRegistry) -> None:
    for name, what, value_of in _SITE_METRICS:
        gauge = Gauge(
            f"openprep_watch_site_{name}", str(what), ["publisher", "address"], registry=registry
        )
        for site in report.sites:
            value = value_of(site)
            if value is not None:
                gauge.labels(site.publisher, site.address).set(value)


def _alarm_metrics(report: NetworkReport, registry: CollectorRegistry) -> None:
    labels = ["publisher", "address", "code"]
    what = said("An alarm that stands")
    gauge = Gauge("openprep_watch_alarm", str(what), labels, registry=registry)
    for alarm in report.alarms:
        gauge.labels("", "", alarm.code).set(1)
    for site in report.sites:
        for alarm in site.alarms:
            gauge.labels(site.publisher, site.address, alarm.code).set(1)
