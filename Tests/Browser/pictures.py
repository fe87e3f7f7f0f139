"""
Makes the README's pictures from a demo shop: what a customer sees, and a day of those who keep it.

    .build/browser/bin/python Tests/Browser/pictures.py FOLDER [--language en]

Needs a release build, and Pillow beside Playwright.
"""
import argparse
import datetime
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


def make_day(shop, folder, language):
    """The staff's pages, in the order of the README's day."""
    admin, hana = shop.admin, shop.customer(300_000, name="이하나" if language == "ko" else "Hana Lee")
    context = new_context(shop, language, viewport=SIZE)
    log_in(context, admin)
    page = context.new_page()
    citrus, tofu, laver = (
        shop.value("SELECT id FROM products WHERE name = ?", name)
        for name in ("제주 한라봉 3kg", "손두부 2모", "광천 재래김 20봉"))
    page.goto("/admin")
    save(page, folder / "day-today.png")

    for change, reason in ((-2, "damage"), (-1, "count"), (30, "delivery")):
        admin.api("PATCH", f"/admin/products/{citrus}", {"stockChange": change, "stockReason": reason})
    admin.api("PATCH", f"/admin/products/{citrus}", {"sku": "HALLABONG-3KG", "lowStock": 10})
    page.goto(f"/admin/products/{citrus}")
    save(page, folder / "day-product.png")

    opened = datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(minutes=10)
    coupon = shop.new_coupon(
        "점심 반짝 쿠폰", 2_000, 10_000, quantity=40, opens_at=opened.isoformat(timespec="seconds").replace("+00:00", "Z"))
    taken = (11, 5, 3, 0, 2, 0, 0, 1, 0, 1)
    for _ in range(sum(taken)):
        shop.customer(name="장터 손님").take(coupon)
    # Minute by minute, as if people had been waiting for it.
    shop.sql("DELETE FROM coupon_minutes WHERE coupon_id = ?", coupon)
    for minute, count in enumerate(taken):
        if count:
            shop.sql("INSERT INTO coupon_minutes (coupon_id, minute, taken) VALUES (?, ?, ?)", coupon, minute, count)
    page.goto(f"/admin/coupons/{coupon}")
    save(page, folder / "day-coupon.png", whole=False)

    lines = [{"productId": product, "quantity": count} for product, count in ((citrus, 1), (tofu, 2), (laver, 1))]
    order = hana.api("POST", "/orders", {"items": lines, "userCouponId": hana.take(coupon)})["id"]
    hana.pay(order)
    admin.api("POST", f"/admin/orders/{order}/notes", {"text": "김 한 봉지가 젖어서 왔다고 전화하심. 값을 돌려드리기로 함."})
    page.goto(f"/admin/orders/{order}/refund")
    page.locator("main [name^=quantity-]").evaluate_all("fields => fields.forEach(field => { field.value = '0' })")
    page.locator(f"main [name=quantity-{laver}]").fill("1")
    page.locator("main [name=stock]").uncheck()
    with page.expect_navigation():
        page.locator("main button[name=what][value=lines]").click()
    save(page, folder / "day-refund.png")
    submit(page, f"/admin/orders/{order}/refund")
    page.goto(f"/admin/orders/{order}")
    save(page, folder / "day-order.png")
    page.goto("/admin/trace")
    save(page, folder / "day-trace.png", whole=False)
    context.close()


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("folder", type=pathlib.Path)
    options.add_argument("--language", choices=LANGUAGES, default="ko")
    options = options.parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)
    with Shop() as shop:
        make(shop, options.folder, options.language)
        make_day(shop, options.folder, options.language)


if __name__ == "__main__":
    main()
