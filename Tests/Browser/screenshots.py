"""
Writes a picture of every page in every state, in both languages, on a telephone and on a desk, for people to look at.

    .build/browser/bin/python Tests/Browser/screenshots.py FOLDER [--dark] [--only NAME]
"""
import argparse
import pathlib

from support import LANGUAGES, Shop
from tour import STOPS, Tour

WIDTHS = {360: 780, 1280: 900}


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("folder", type=pathlib.Path)
    options.add_argument("--dark", action="store_true", help="as at night")
    options.add_argument("--only", metavar="NAME", default="", help="only pages whose name contains this")
    options = options.parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)
    count = 0
    with Shop() as shop:
        for language in LANGUAGES:
            # Later pages stand on what was done on those before: all are visited, and each is looked at twice.
            for number, (stop, page, _) in enumerate(Tour(shop, language), 1):
                if options.only not in stop.name:
                    continue
                page.emulate_media(color_scheme="dark" if options.dark else "light", reduced_motion="reduce")
                for width, height in WIDTHS.items():
                    page.set_viewport_size({"width": width, "height": height})
                    name = f"{number:02}-{stop.name}-{language}-{width}{'-dark' * options.dark}.png"
                    page.screenshot(path=options.folder / name, full_page=True, animations="disabled")
                    count += 1
    print(f"{count} pictures of {len(STOPS)} pages in {options.folder}")


if __name__ == "__main__":
    main()
