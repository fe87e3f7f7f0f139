"""
Makes the README's pictures from a demo shop: the first page, a basket, a receipt.

    .build/browser/bin/python Tests/Browser/pictures.py FOLDER [--language en]

Needs a release build, and Pillow beside Playwright.
"""
import argparse
import io
import pathlib

from PIL import Image

from browsing import fill, log_in, new_context, submit
from support import LANGUAGES, Shop

SIZE = {"width": 1280, "height": 860}
# So many are enough for flat colours and their shades, and a quarter of the bytes.
COLORS = 128


def save(page, path, whole=True):
    picture = Image.open(io.BytesIO(page.screenshot(full_page=whole))).convert("RGB")
    picture.quantize(COLORS, dither=Image.Dither.NONE).save(path, optimize=True)
    print(f"{path}: {path.stat().st_size // 1024} KB")


def make(shop, folder, language):
    customer = shop.customer(200_000, name="김하나" if language == "ko" else "Hana Kim")
    context = new_context(shop, language, viewport=SIZE)
    log_in(context, customer)
    page = context.new_page()
    page.goto("/")
    save(page, folder / "home.png", whole=False)
    coupon = shop.coupon("open")
    page.goto(f"/coupons/{coupon}")
    submit(page, f"/coupons/{coupon}/take")
    for name, quantity in (("제주 한라봉 3kg", 1), ("손두부 2모", 2), ("광천 재래김 20봉", 1)):
        page.goto(f"/products/{shop.value('SELECT id FROM products WHERE name = ?', name)}")
        fill(page, "/basket", quantity=quantity)
        submit(page, "/basket")
    page.goto("/basket")
    save(page, folder / "basket.png")
    submit(page, "/orders")
    [order] = customer.orders()
    page.goto(f"/orders/{order}/pay")
    submit(page, f"/orders/{order}/pay")
    save(page, folder / "receipt.png")
    context.close()


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("folder", type=pathlib.Path)
    options.add_argument("--language", choices=LANGUAGES, default="ko")
    options = options.parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)
    with Shop() as shop:
        make(shop, options.folder, options.language)


if __name__ == "__main__":
    main()
