"""The night window of a school as systemd must be told it."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from vigie.site import Window

_MARGIN = 300


def shortest_night(window: Window, zone: ZoneInfo, first: date, days: int = 800) -> int:
    """How many seconds the window really lasts in its shortest night: clocks that go forward take an hour from it.

    Args:
        window: the hours, local time.
        zone: the school's time zone.
        first: the first night that counts.
        days: how many nights are looked at.
    """
    later = timedelta(days=1 if window.end <= window.start else 0)
    nights = (first + timedelta(days=number) for number in range(days))
    return min(
        int(
            (
                datetime.combine(night + later, window.end, zone).astimezone(UTC)
                - datetime.combine(night, window.start, zone).astimezone(UTC)
            ).total_seconds()
        )
        for night in nights
    )


def time_allowed(window: Window, zone: ZoneInfo, first: date) -> int:
    """The seconds after which a run started with the window is stopped, so that it ends before the window does.

    Five minutes, or a tenth of a short window, are left for the run to stop and say so.
    """
    seconds = max(shortest_night(window, zone, first), 60)
    return seconds - min(_MARGIN, seconds // 10)
