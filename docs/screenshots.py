"""Take the README's screenshots from a running chat: `python docs/screenshots.py http://127.0.0.1:7860 [FOLDER]`.

Needs Debian's chromium. Writes those that README.md shows beside itself; given a FOLDER, writes there every state, in both
sizes and themes.
"""

import io
import shutil
import sys
from pathlib import Path

from PIL import Image
from playwright.sync_api import Page, sync_playwright

QUESTION = "其他社区是怎么处理无物业小区的？"
SIZES = {"screenshot": (1440, 900), "screenshot-phone": (390, 844)}
SHIPPED = {"screenshot.png", "screenshot-table.png", "screenshot-filters-dark.png", "screenshot-phone.png"}
COLOURS = 96
"""In the palette: enough for text, and a third of the bytes."""
PATIENCE = 240_000


def main(address: str, folder: Path | None = None) -> None:
    """Walk through the states in each size and theme and save what is seen."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        for name, (width, height) in SIZES.items():
            for theme in ("light", "dark"):
                if folder or theme == "light" or width >= 900:
                    page = browser.new_page(viewport={"width": width, "height": height}, locale="zh-CN")
                    page.set_default_timeout(PATIENCE)
                    page.goto(f"{address}/?__theme={theme}")
                    walk(page, name, "" if theme == "light" else f"-{theme}", folder)
                    page.close()
        browser.close()


def walk(page: Page, name: str, ending: str, folder: Path | None) -> None:
    """Ask the question and save each state; the whole name says which ones the README shows."""

    def save(state: str) -> None:
        page.wait_for_timeout(800)
        file = f"{name}{state}{ending}.png"
        if folder or file in SHIPPED:
            picture = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
            small = picture.quantize(COLOURS, dither=Image.Dither.NONE)
            small.save((folder or Path(__file__).parent) / file, optimize=True)

    page.locator("#lj-box textarea").wait_for()
    page.locator("#lj-examples button").first.wait_for()
    save("-start")
    page.locator("#lj-box textarea").fill(QUESTION)
    page.keyboard.press("Enter")
    marker = page.locator("#lj-chat a[href='#cite-1-3']").first
    marker.wait_for()
    page.locator(".lj-suggested, #lj-more").first.wait_for()
    if name.endswith("phone"):
        page.evaluate("document.querySelector('#lj-chat .bubble-wrap').scrollTo(0, 0)")
        save("")
    marker.click()
    page.evaluate("document.querySelector('#lj-chat .bubble-wrap').scrollTo(0, 0)")
    save("-evidence" if name.endswith("phone") else "")
    page.locator(".lj-current [data-opens]").click()
    save("-article")
    page.keyboard.press("Escape")
    page.locator(".lj-view-table").click()
    page.locator(".lj-sort").first.click()
    page.evaluate("document.querySelector('#lj-chat .bubble-wrap').scrollTo(0, 0)")
    save("-table")
    page.locator("#lj-filters .label-wrap").first.click()
    page.locator("#lj-filters input").first.click()
    page.get_by_role("option").nth(5).click()
    page.keyboard.press("Escape")
    page.locator("#lj-chips label").wait_for()
    save("-filters")


if __name__ == "__main__":
    main(sys.argv[1], *map(Path, sys.argv[2:3]))
