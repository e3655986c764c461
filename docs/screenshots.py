"""Take the README's screenshots from a running chat: `python docs/screenshots.py http://127.0.0.1:7860 [FOLDER]`.

Needs Debian's chromium. Writes screenshot.png (1440 px, light) and screenshot-phone.png (390 px, light); given a
FOLDER, writes them there, with the dark ones, the start page and an opened article beside them.
"""

import io
import shutil
import sys
from pathlib import Path

from PIL import Image
from playwright.sync_api import Page, sync_playwright

QUESTION = "其他社区是怎么处理无物业小区的？"
SIZES = {"screenshot": (1440, 900), "screenshot-phone": (390, 844)}
COLOURS = 128
"""In the palette: enough for text, and a third of the bytes."""


def main(address: str, folder: Path | None = None) -> None:
    """Ask the question in each size and theme and save what is seen."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        for name, (width, height) in SIZES.items():
            for theme in ("light", "dark") if folder else ("light",):
                page = browser.new_page(viewport={"width": width, "height": height})
                page.goto(f"{address}/?__theme={theme}")
                page.locator("#lj-box textarea").wait_for()
                ending = "" if theme == "light" else f"-{theme}"
                if folder:
                    save(page, folder / f"{name}{ending}-start.png")
                page.locator("#lj-box textarea").fill(QUESTION)
                page.keyboard.press("Enter")
                marker = page.locator("#lj-chat a[href='#cite-1-1']")
                marker.wait_for()
                page.wait_for_timeout(500)
                if folder and width < 900:
                    save(page, folder / f"{name}{ending}-answer.png")
                if folder or width >= 900:
                    marker.click()
                    page.wait_for_timeout(500)
                save(page, (folder or Path(__file__).parent) / f"{name}{ending}.png")
                if folder:
                    page.locator(".lj-current [data-opens]").click()
                    page.wait_for_timeout(500)
                    save(page, folder / f"{name}{ending}-article.png")
                page.close()
        browser.close()


def save(page: Page, path: Path) -> None:
    """Save what is seen as a PNG with a palette."""
    picture = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
    picture.quantize(COLOURS, dither=Image.Dither.NONE).save(path, optimize=True)


if __name__ == "__main__":
    main(sys.argv[1], *map(Path, sys.argv[2:3]))
