"""A picture of a dashboard, taken from the real frontend with headless Chromium."""

import sys
import tempfile
from pathlib import Path

from selenium import webdriver
from selenium.common.exceptions import TimeoutException, WebDriverException
from selenium.webdriver.chrome.options import Options
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.support import expected_conditions as until
from selenium.webdriver.support.ui import WebDriverWait

from lab.places import default_directory
from lab.whole import Lab, find
from lab.zabbix.login import USER
from vigie.errors import Exit, VigieError

_WIDTH, _HEIGHT = 1600, 1230
_WITHIN = 40
# Every widget has its content and every graph its picture.
_DRAWN = """
return document.querySelectorAll('.is-loading').length === 0
    && [...document.images].every(picture => picture.complete && picture.naturalWidth > 0)
    && document.images.length > 0;
"""
_FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--hide-scrollbars",
    f"--window-size={_WIDTH},{_HEIGHT}",
)


def take(lab: Lab, to: Path, words: str) -> None:
    """Log into the frontend, open a dashboard, and save it once its widgets are drawn.

    Args:
        lab: a lab that runs.
        to: the file to write; its folder is made.
        words: part of the dashboard's name.

    Raises:
        VigieError: when the browser cannot be started, or the page does not come.
    """
    to.parent.mkdir(parents=True, exist_ok=True)
    options = Options()
    with tempfile.TemporaryDirectory(prefix="vigie-chromium-") as profile:
        for flag in (*_FLAGS, f"--user-data-dir={profile}"):
            options.add_argument(flag)
        try:
            browser = webdriver.Chrome(options=options, service=Service("/usr/bin/chromedriver"))
            try:
                _log_in(browser, lab)
                _open_dashboard(browser, lab, words)
                if not browser.save_screenshot(str(to)):
                    raise VigieError(f"{to}: cannot be written", Exit.FAILED)
            finally:
                browser.quit()
        except TimeoutException as error:
            raise VigieError(f"{lab.zabbix.url} did not show its dashboard in {_WITHIN} s", Exit.FAILED) from error
        except WebDriverException as error:
            raise VigieError(f"Chromium: {str(error.msg).splitlines()[0]}", Exit.FAILED) from error


def _log_in(browser: webdriver.Chrome, lab: Lab) -> None:
    browser.get(f"{lab.zabbix.url}/index.php")
    browser.find_element(By.ID, "name").send_keys(USER)
    browser.find_element(By.ID, "password").send_keys(lab.zabbix.password_file.read_text().strip())
    browser.find_element(By.ID, "enter").click()
    WebDriverWait(browser, _WITHIN).until(until.url_contains("action="))


def _open_dashboard(browser: webdriver.Chrome, lab: Lab, words: str) -> None:
    api = lab.zabbix.api()
    try:
        found = api.call("templatedashboard.get", search={"name": words}, output=["dashboardid", "templateid"])
        templates = {one["templateid"]: one["dashboardid"] for one in found}
        hosts = api.call(
            "host.get", templateids=list(templates), output=["hostid"], selectParentTemplates=["templateid"]
        )
    finally:
        api.close()
    if not hosts:
        raise VigieError(
            f"no host of the lab has a dashboard called {words!r}: run script/quickstart, or correct the name"
        )
    linked = (template["templateid"] for template in hosts[0]["parentTemplates"])
    dashboard = next(templates[template] for template in linked if template in templates)
    where = f"{lab.zabbix.url}/zabbix.php?action=host.dashboard.view&hostid={hosts[0]['hostid']}"
    browser.get(f"{where}&dashboardid={dashboard}&from=now-15m&to=now&kiosk=1")
    wait = WebDriverWait(browser, _WITHIN)
    wait.until(until.presence_of_element_located((By.CSS_SELECTOR, "[class*=dashboard-grid-widget]")))
    wait.until(lambda page: page.execute_script(_DRAWN))


if __name__ == "__main__":
    try:
        target, words = Path(sys.argv[1]), sys.argv[2]
        take(find(default_directory()), target, words)
        sys.stdout.write(f"{target}\n")
    except VigieError as failure:
        sys.stderr.write(f"screenshot: {failure.sentence}\n")
        sys.exit(int(failure.exit_code))
