"""Every page of the shop in every state that it has, for the audits and for pictures."""
import contextlib
import dataclasses
import re
import time
from collections.abc import Callable

from playwright.sync_api import expect

from browsing import DESKTOP, Listener, fill, log_in, new_context, submit
from support import Customer, code_of
import photos  # noqa: E402, found where support looks

STOPS = []


@dataclasses.dataclass(frozen=True)
class Stop:
    name: str
    # Who goes there: a visitor, a newcomer who has nothing yet, a regular who has some of everything, the owner, or a manager.
    who: str
    # What the shop answers.
    status: int
    go: Callable


def stop(who, status=200):
    def add(function):
        STOPS.append(Stop(function.__name__.replace("_", "-"), who, status, function))
        return function
    return add


@dataclasses.dataclass
class Tour:
    """The stops one after the other, in one language."""
    shop: object
    language: str
    viewport: dict = dataclasses.field(default_factory=lambda: DESKTOP)

    def __iter__(self):
        """Goes from stop to stop: the stop, the page, and what the listener has heard."""
        with contextlib.ExitStack() as stack:
            self.people = {"visitor": None, "newcomer": self.shop.customer(name="새 손님"), "regular": self.regular(),
                           "owner": self.shop.admin, "manager": self.shop.staff("manager", "관리 담당")}
            pages, listeners = {}, {}
            for who, customer in self.people.items():
                context = new_context(self.shop, self.language, viewport=self.viewport)
                stack.callback(context.close)
                listeners[who] = Listener(context, self.shop)
                pages[who] = context.new_page()
                if customer:
                    log_in(context, customer)
            pages["regular"].goto("/")
            for each in STOPS:
                self.page, self.customer = pages[each.who], self.people[each.who]
                each.go(self, self.page)
                yield each, self.page, listeners[each.who]

    def regular(self):
        """A customer with some of everything."""
        customer = self.shop.customer(300_000, name="단골 손님")
        self.chosen, self.scarce, self.gone, self.short = (
            self.shop.new_product("의성 깐마늘 2kg", 24_000, description="손으로 깐 한지형 육쪽마늘."),
            self.shop.new_product("울릉도 명이나물 1kg", 31_000, stock=3),
            self.shop.new_product("그만 파는 것", 5_000), self.shop.new_product("모자란 것", 7_000, stock=20))
        self.dear = self.shop.new_product("순금 수저", 900_000)
        self.used = self.shop.new_coupon("쓴 쿠폰", 2_000)
        self.completed = customer.order(self.chosen, self.scarce, coupon=customer.take(self.used))
        customer.pay(self.completed)
        self.refunded = customer.order(self.chosen)
        customer.pay(self.refunded)
        self.shop.api("POST", f"/admin/orders/{self.refunded}/refund", {}, self.shop.admin.token)
        self.parted = customer.order(self.chosen, quantity=3)
        customer.pay(self.parted)
        self.shop.api("POST", f"/admin/orders/{self.parted}/notes", {
            "text": "한 접이 눌려서 왔다고 전화하심.\n사진을 받음. 한 접 값을 돌려드리기로 함."}, self.shop.admin.token)
        self.shop.api("POST", f"/admin/orders/{self.parted}/refund", {
            "lines": [{"productId": self.chosen.id, "quantity": 1}], "returnToStock": False}, self.shop.admin.token)
        self.cancelled = customer.order(self.chosen)
        customer.cancel(self.cancelled)
        self.expired_order = customer.order(self.chosen, self.scarce)
        customer.let_expire(self.expired_order)
        self.pending = customer.order(self.chosen, quantity=2)
        self.unpayable = customer.order(self.dear)
        self.mine = self.shop.coupon("open")
        customer.take(self.mine)
        self.lapsed = self.shop.new_coupon("기한이 지난 쿠폰", 500)
        lapsed = customer.take(self.lapsed)
        self.shop.sql("UPDATE user_coupons SET expires_at = issued_at + 1 WHERE id = ?", lapsed)
        customer.take(self.shop.new_coupon("큰 주문에만 쓰는 쿠폰", 50_000, minimum=5_000_000))
        return customer

    def fill_basket(self, *products, quantity=1):
        self.page.goto("/basket")
        while (remove := self.page.locator("main button[name=remove]")).count():
            with self.page.expect_navigation():
                remove.first.click()
        for product in products:
            self.page.goto(product.path)
            fill(self.page, "/basket", quantity=quantity)
            submit(self.page, "/basket")

    def delist(self, product, is_listed):
        self.shop.api("PATCH", f"/admin/products/{product.id}", {"listed": is_listed}, self.shop.admin.token)


def sent(page, action, **values):
    """Sends a form with these values although a browser would mind them."""
    fill(page, action, **values)
    submit(page, action, check=False)


# --- Visitors ---------------------------------------------------------------------------------------------------------

@stop("visitor")
def home(tour, page):
    page.goto("/")


@stop("visitor")
def products(tour, page):
    page.goto("/products")


@stop("visitor")
def products_next_page(tour, page):
    page.goto("/products?sort=price")
    page.locator("main a[rel=next]").click()
    expect(page).to_have_url(re.compile("cursor="))


@stop("visitor")
def search(tour, page):
    page.goto("/products?q=김치")


@stop("visitor")
def search_without_result(tour, page):
    page.goto("/products?q=없는물건")


@stop("visitor")
def product(tour, page):
    page.goto(tour.shop.products[0].path)


@stop("visitor")
def product_popular(tour, page):
    page.goto(f"/products/{tour.shop.value('SELECT product_id FROM popular_products WHERE rank = 1')}")


@stop("visitor")
def product_with_pictures(tour, page):
    shown = tour.shop.new_product("청송 사과 5kg", 32_000, description="서리를 맞고 딴 사과.")
    for color, words in (((206, 58, 46), "빨간 사과 한 알"), ((150, 180, 60), "덜 익은 사과"), ((230, 190, 90), "사과의 속")):
        tour.shop.add_picture(shown, photos.fruit(color), words)
    page.goto(shown.path)


@stop("visitor")
def products_with_pictures(tour, page):
    page.goto("/products?q=청송")


@stop("visitor")
def product_sold_out(tour, page):
    page.goto(tour.shop.sold_out.path)


@stop("visitor")
def coupons(tour, page):
    page.goto("/coupons")


@stop("visitor")
def coupon(tour, page):
    page.goto(f"/coupons/{tour.shop.coupon('open')}")


@stop("visitor")
def coupon_coming(tour, page):
    page.goto(f"/coupons/{tour.shop.coupon('coming')}")


@stop("visitor")
def basket_of_a_visitor(tour, page):
    page.goto(tour.shop.products[0].path)
    submit(page, "/basket")


@stop("visitor")
def coupon_sold_out(tour, page):
    page.goto(f"/coupons/{tour.shop.coupon('sold_out')}")


@stop("visitor")
def coupon_closed(tour, page):
    page.goto(f"/coupons/{tour.shop.coupon('closed')}")


@stop("visitor")
def log_in_page(tour, page):
    page.goto("/login?next=/basket")


@stop("visitor", status=422)
def log_in_refused(tour, page):
    page.goto("/login")
    sent(page, "/login", login="nobody", password="wrong horse")


@stop("visitor")
def log_in_code(tour, page):
    someone = tour.shop.staff("reader", "장부 담당")
    someone.set_up_second_factor()
    page.goto("/login")
    sent(page, "/login", login=someone.login, password=Customer.password)
    expect(page).to_have_url(re.compile("/login/code$"))


@stop("visitor", status=422)
def log_in_code_refused(tour, page):
    sent(page, "/login/code", code="12345")


@stop("visitor")
def log_in_recovery(tour, page):
    page.locator("main a[href*='with=recovery']").click()
    expect(page).to_have_url(re.compile("with=recovery"))


@stop("visitor")
def sign_up(tour, page):
    page.goto("/signup")


@stop("visitor", status=422)
def sign_up_refused(tour, page):
    page.goto("/signup")
    sent(page, "/signup", login="x", name="", password="short")


@stop("visitor", status=404)
def not_found(tour, page):
    page.goto("/nothing")


@stop("visitor")
def problems(tour, page):
    page.goto("/problems")


@stop("visitor")
def problem(tour, page):
    """The one whose code takes the most room."""
    page.goto("/problems/" + max(page.locator("main code").all_inner_texts(), key=len))


@stop("visitor", status=403)
def forbidden(tour, page):
    page.goto("/login")
    page.locator("main [name=csrf]").evaluate("field => { field.value = 'A'.repeat(43) }")
    sent(page, "/login", login="nobody", password="wrong horse")


@stop("visitor", status=413)
def too_large(tour, page):
    page.goto("/signup")
    page.locator("main [name=name]").evaluate("field => { field.value = 'x'.repeat(1100000) }")
    with page.expect_navigation():
        page.locator("main form button").first.click()


@stop("visitor", status=413)
def too_large_for_a_form(tour, page):
    page.goto("/signup")
    page.locator("main [name=name]").evaluate("field => { field.value = 'x'.repeat(200000) }")
    with page.expect_navigation():
        page.locator("main form button").first.click()


# --- Customers --------------------------------------------------------------------------------------------------------

@stop("newcomer")
def basket_empty(tour, page):
    page.goto("/basket")


@stop("newcomer")
def orders_empty(tour, page):
    page.goto("/orders")


@stop("newcomer")
def my_coupons_empty(tour, page):
    page.goto("/coupons/mine")


@stop("newcomer")
def balance_empty(tour, page):
    page.goto("/balance")


@stop("newcomer")
def account_new(tour, page):
    page.goto("/account")


@stop("newcomer")
def logged_out(tour, page):
    page.locator('header form[action="/logout"] button').click()
    expect(page.locator("[role=status]").first).to_be_visible()


@stop("regular")
def customers_home(tour, page):
    page.goto("/")


@stop("regular")
def product_to_buy(tour, page):
    page.goto(tour.chosen.path)


@stop("regular")
def product_scarce(tour, page):
    page.goto(tour.scarce.path)


@stop("regular", status=409)
def product_refused(tour, page):
    page.goto(tour.scarce.path)
    sent(page, "/basket", quantity=50)


@stop("regular")
def coupons_of_a_customer(tour, page):
    page.goto("/coupons")


@stop("regular")
def coupon_to_take(tour, page):
    tour.fresh = tour.shop.new_coupon("새로 나온 쿠폰", 1_500, minimum=10_000)
    page.goto(f"/coupons/{tour.fresh}")


@stop("regular")
def coupon_taken(tour, page):
    submit(page, f"/coupons/{tour.fresh}/take")


@stop("regular")
def coupon_mine(tour, page):
    page.goto(f"/coupons/{tour.mine}")


@stop("regular")
def coupon_used(tour, page):
    page.goto(f"/coupons/{tour.used}")


@stop("regular")
def coupon_lapsed(tour, page):
    page.goto(f"/coupons/{tour.lapsed}")


@stop("regular", status=409)
def coupon_refused(tour, page):
    late = tour.shop.new_coupon("늦은 쿠폰")
    page.goto(f"/coupons/{late}")
    tour.shop.sql("UPDATE coupons SET remaining = 0 WHERE id = ?", late)
    submit(page, f"/coupons/{late}/take")


@stop("regular")
def my_coupons(tour, page):
    page.goto("/coupons/mine")


@stop("regular")
def basket_added(tour, page):
    tour.fill_basket(tour.chosen, *tour.shop.products[:2], quantity=2)


@stop("regular")
def basket(tour, page):
    page.goto("/basket")


@stop("regular")
def basket_with_a_coupon(tour, page):
    page.locator('main [name=coupon]:not([value=""], [disabled])').first.check()
    submit(page, "/basket/lines")


@stop("regular", status=422)
def basket_refused(tour, page):
    page.goto("/basket")
    sent(page, "/basket/lines", **{f"quantity-{tour.chosen.id}": 5_000})


@stop("regular", status=409)
def basket_short(tour, page):
    page.goto("/basket")
    sent(page, "/basket/lines", **{f"quantity-{tour.chosen.id}": 500})


@stop("regular")
def basket_with_problems(tour, page):
    tour.fill_basket(tour.gone, tour.short, quantity=10)
    tour.delist(tour.gone, False)
    tour.shop.api("PATCH", f"/admin/products/{tour.short.id}", {"stockChange": -18}, tour.shop.admin.token)
    page.goto("/basket")


@stop("regular")
def basket_beyond_the_balance(tour, page):
    tour.delist(tour.gone, True)
    tour.fill_basket(tour.dear)
    page.goto("/basket")


@stop("regular")
def order_new(tour, page):
    submit(page, "/orders")


@stop("regular")
def order_pending(tour, page):
    page.goto(f"/orders/{tour.pending}")


@stop("regular")
def pay_missing(tour, page):
    page.goto(f"/orders/{tour.unpayable}/pay")


@stop("regular")
def pay(tour, page):
    page.goto(f"/orders/{tour.pending}/pay")


@stop("regular")
def receipt(tour, page):
    submit(page, f"/orders/{tour.pending}/pay")


@stop("regular")
def pay_with_a_lost_coupon(tour, page):
    own = tour.customer.take(tour.shop.new_coupon("두 주문에 쓴 쿠폰", 3_000))
    first, second = (tour.customer.order(tour.chosen, coupon=own) for _ in range(2))
    tour.customer.pay(first)
    page.goto(f"/orders/{second}/pay")


@stop("regular", status=403)
def pay_stale(tour, page):
    page.locator("main [name=csrf]").first.evaluate("field => { field.value = 'x' }")
    submit(page, page.locator("main form").first.get_attribute("action"))


@stop("regular", status=409)
def pay_refused(tour, page):
    order = tour.customer.order(tour.chosen)
    page.goto(f"/orders/{order}/pay")
    tour.customer.let_expire(order)
    submit(page, f"/orders/{order}/pay")


@stop("regular")
def order_completed(tour, page):
    page.goto(f"/orders/{tour.completed}")


@stop("regular")
def order_cancelled_now(tour, page):
    order = tour.customer.order(tour.chosen)
    page.goto(f"/orders/{order}")
    submit(page, f"/orders/{order}/cancel")


@stop("regular")
def order_cancelled(tour, page):
    page.goto(f"/orders/{tour.cancelled}")


@stop("regular")
def order_expired(tour, page):
    page.goto(f"/orders/{tour.expired_order}")


@stop("regular")
def order_refunded(tour, page):
    page.goto(f"/orders/{tour.refunded}")


@stop("regular")
def order_partly_refunded(tour, page):
    page.goto(f"/orders/{tour.parted}")


@stop("regular")
def orders(tour, page):
    page.goto("/orders")


@stop("regular")
def balance(tour, page):
    page.goto("/balance")


@stop("regular")
def balance_filled_in(tour, page):
    page.goto("/balance?amount=30000&next=/basket")


@stop("regular")
def balance_for_an_order_that_is_over(tour, page):
    page.goto(f"/balance?amount=30000&next=/orders/{tour.expired_order}/pay")


@stop("regular", status=422)
def balance_refused(tour, page):
    sent(page, "/balance/charges", amount=1)


@stop("regular")
def balance_charged(tour, page):
    page.goto("/balance")
    sent(page, "/balance/charges", amount=30_000)


@stop("regular")
def account_with_others(tour, page):
    tour.shop.sql("""
        INSERT INTO sessions (token_hash, user_id, role, created_at, last_used_at, expires_at, device, network)
        SELECT randomblob(32), user_id, role, created_at - 86400000, last_used_at - 3600000, expires_at,
            'Samsung Internet · Android', '2001:db8:1234:5678::/64'
        FROM sessions WHERE user_id = ? LIMIT 1""", tour.customer.id)
    page.goto("/account")


@stop("regular")
def account_sessions_ended(tour, page):
    submit(page, "/account/sessions/end-others")


@stop("regular", status=422)
def account_refused(tour, page):
    page.goto("/account")
    sent(page, "/account/password", current="wrong horse", new="short")


@stop("regular")
def account_password_changed(tour, page):
    page.goto("/account")
    sent(page, "/account/password", current=Customer.password, new="battery staple")


@stop("regular", status=404)
def order_not_found(tour, page):
    page.goto("/orders/999999")


# --- The staff --------------------------------------------------------------------------------------------------------

@stop("owner")
def account_of_staff(tour, page):
    page.goto("/account")


@stop("owner")
def office(tour, page):
    page.locator("main a[href='/admin']").click()
    expect(page).to_have_url(re.compile("/admin$"))


@stop("owner")
def office_coupons(tour, page):
    page.locator("nav a[href='/admin/coupons']").click()
    expect(page).to_have_url(re.compile("/admin/coupons$"))


@stop("owner")
def office_coupons_none(tour, page):
    tour.shop.sql("UPDATE coupons SET closed_at = 1 WHERE opens_at > strftime('%s', 'now') * 1000")
    page.goto("/admin/coupons?filter=coming")
    tour.shop.sql("UPDATE coupons SET closed_at = NULL WHERE closed_at = 1")


@stop("owner")
def office_coupon(tour, page):
    just_now = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() - 150))
    coupon = tour.shop.new_coupon("방금 열린 쿠폰", opens_at=just_now)
    for _ in range(3):
        tour.shop.customer().take(coupon)
    page.goto(f"/admin/coupons/{coupon}")


@stop("owner")
def office_coupon_new(tour, page):
    page.goto("/admin/coupons/new")


@stop("owner", status=422)
def office_coupon_refused(tour, page):
    page.goto("/admin/coupons/new")
    sent(page, "/admin/coupons/preview", name="", discount="0", quantity="x", opensAt="2026-02-10T10:00",
         closesAt="2026-02-09T10:00")


@stop("owner")
def office_coupon_preview(tour, page):
    page.goto("/admin/coupons/new")
    fill(page, "/admin/coupons/preview", name="설 명절 쿠폰", discount="3,000", minimum="20,000", quantity="500")
    submit(page, "/admin/coupons/preview")


@stop("owner")
def office_coupon_made(tour, page):
    submit(page, "/admin/coupons")
    expect(page).to_have_url(re.compile(r"/admin/coupons/\d+$"))


@stop("owner")
def office_coupon_close(tour, page):
    page.locator("main a[href$='/close']").click()


@stop("owner")
def office_coupon_closed(tour, page):
    submit(page, re.search("/admin/coupons/.*", page.url)[0])
    expect(page.locator("[role=status]")).to_be_visible()


@stop("owner")
def figures(tour, page):
    page.goto("/admin")
    page.locator("nav a[href='/admin/figures']").click()
    expect(page).to_have_url(re.compile("/admin/figures$"))


@stop("owner")
def figures_of_a_month(tour, page):
    page.get_by_role("link", name=re.compile("^(This month|이번 달)$")).click()
    expect(page).to_have_url(re.compile("from=.*to="))


@stop("owner")
def figures_of_some_years(tour, page):
    page.locator("#from").fill("2024-01-15")
    with page.expect_navigation():
        page.locator("form.filters button").click()


@stop("owner")
def figures_by_product(tour, page):
    page.goto("/admin/figures/products?from=2026-01-01")


@stop("owner")
def figures_of_nothing(tour, page):
    page.goto("/admin/figures?from=2001-01-01")


@stop("owner")
def roles(tour, page):
    page.locator("nav a[href='/admin/roles']").click()
    expect(page).to_have_url(re.compile("/admin/roles$"))


def staff_account(tour, login, role):
    """A new one of the staff."""
    body = {"login": login, "password": tour.people["owner"].password, "name": "김직원", "role": role}
    return tour.shop.api("POST", "/admin/staff", body, tour.shop.admin.token)["id"]


@stop("owner")
def office_customers(tour, page):
    tour.number = tour.shop.sql("SELECT id FROM users WHERE login_key = ?", tour.people["regular"].login)[0][0]
    page.locator("nav a[href='/admin/customers']").click()
    expect(page).to_have_url(re.compile("/admin/customers$"))


@stop("owner")
def office_customers_found(tour, page):
    page.goto("/admin/customers?group=staff")
    page.locator("[name=q]").fill("adm")
    page.locator("main form[role=search] button").click()
    expect(page).to_have_url(re.compile("q=adm"))


@stop("owner")
def office_customers_none(tour, page):
    page.goto("/admin/customers?q=없는사람&group=closed")


@stop("owner")
def office_customer(tour, page):
    path = f"/admin/customers/{tour.number}/corrections"
    for amount, reason in ((-3_000, "두 번 충전된 금액"), (1_500, "배송이 늦어서 드리는 보상"), (400_000, "계좌 이체 충전이 빠짐")):
        tour.shop.api("POST", path, {"amount": amount, "reason": reason}, tour.shop.admin.token)
    page.goto(f"/admin/customers/{tour.number}")


@stop("owner")
def office_customer_entries(tour, page):
    page.goto(f"/admin/customers/{tour.number}/entries")


@stop("owner")
def office_customer_coupons(tour, page):
    page.goto(f"/admin/customers/{tour.number}/coupons")


@stop("owner")
def office_customer_new(tour, page):
    number = tour.shop.sql("SELECT id FROM users WHERE login_key = ?", tour.people["newcomer"].login)[0][0]
    page.goto(f"/admin/customers/{number}")


@stop("owner")
def office_correct_balance(tour, page):
    page.goto(f"/admin/customers/{tour.number}/correct")


@stop("owner", status=422)
def office_correct_balance_refused(tour, page):
    page.goto(f"/admin/customers/{tour.number}/correct")
    sent(page, f"/admin/customers/{tour.number}/correct", amount="many", explanation="")


@stop("owner")
def office_correct_balance_check(tour, page):
    page.goto(f"/admin/customers/{tour.number}/correct")
    page.locator("[name=direction][value=take]").check()
    sent(page, f"/admin/customers/{tour.number}/correct", amount="70,000", explanation="환불이 두 번 됨")


@stop("owner")
def office_corrections(tour, page):
    page.locator("nav a[href='/admin/corrections']").click()
    expect(page).to_have_url(re.compile("/admin/corrections$"))


@stop("owner")
def office_correction_of_mine(tour, page):
    page.locator("main .list a[href^='/admin/corrections/']").first.click()
    expect(page).to_have_url(re.compile(r"/admin/corrections/\d+$"))


@stop("owner")
def office_correction(tour, page):
    staff_account(tour, f"manager-{tour.language}", "manager")
    token = tour.shop.api("POST", "/tokens", {
        "login": f"manager-{tour.language}", "password": tour.people["owner"].password})["token"]
    asked = tour.shop.api("POST", f"/admin/customers/{tour.number}/corrections", {
        "amount": 250_000, "reason": "이벤트 당첨금"}, token)
    page.goto(f"/admin/corrections/{asked['id']}")


@stop("owner", status=409)
def office_correction_refused(tour, page):
    page.goto(page.url)
    number = int(page.url.rsplit("/", 1)[1])
    tour.shop.api("POST", f"/admin/corrections/{number}/refuse", token=tour.shop.admin.token)
    sent(page, f"/admin/corrections/{number}/confirm")


@stop("owner")
def office_close_customer(tour, page):
    page.goto(f"/admin/customers/{tour.number}/close")


@stop("owner")
def office_staff(tour, page):
    tour.colleague = staff_account(tour, f"support-{tour.language}", "support")
    gone = staff_account(tour, f"gone-{tour.language}", "reader")
    tour.shop.api("DELETE", f"/admin/staff/{gone}", token=tour.shop.admin.token)
    page.locator("nav a[href='/admin/staff']").click()
    expect(page).to_have_url(re.compile("/admin/staff$"))


@stop("owner", status=422)
def office_staff_refused(tour, page):
    page.goto("/admin/staff")
    sent(page, "/admin/staff", login="x", name="", password="short")


@stop("owner")
def office_staff_account(tour, page):
    tour.shop.sql("INSERT INTO second_factors VALUES (?, randomblob(20), 1764000000000, 0)", tour.colleague)
    page.goto(f"/admin/staff/{tour.colleague}")


@stop("owner", status=422)
def office_staff_account_refused(tour, page):
    page.goto(f"/admin/staff/{tour.colleague}")
    sent(page, f"/admin/staff/{tour.colleague}/password", new="password")


@stop("owner")
def office_staff_factor(tour, page):
    page.goto(f"/admin/staff/{tour.colleague}")
    page.locator(f"main a[href='/admin/staff/{tour.colleague}/second-factor/remove']").click()
    expect(page).to_have_url(re.compile("/remove$"))


@stop("owner")
def office_close_staff(tour, page):
    page.goto(f"/admin/staff/{tour.colleague}/close")


@stop("owner")
def trace(tour, page):
    changed = tour.shop.new_product("가격이 바뀐 것", 12_000)
    for price in range(20_000, 12_000, -400):  # more than one page of changes
        tour.shop.api("PATCH", f"/admin/products/{changed.id}", {"price": price}, tour.shop.admin.token)
    tour.shop.api(
        "PATCH", f"/admin/products/{changed.id}", {"price": 9_900, "stockChange": -5, "description": "햇것. " * 200},
        tour.shop.admin.token)
    page.locator("nav a[href='/admin/trace']").click()
    expect(page).to_have_url(re.compile("/admin/trace$"))


@stop("owner")
def trace_next_page(tour, page):
    page.locator("main a[rel=next]").click()
    expect(page).to_have_url(re.compile("cursor="))


@stop("owner")
def trace_of_one(tour, page):
    page.goto("/admin/trace")
    page.locator("main .trace h2 a").first.click()
    expect(page).to_have_url(re.compile("subject=product"))


@stop("owner")
def trace_of_an_action(tour, page):
    page.goto("/admin/trace")
    page.locator("#field-action").select_option("product-added")
    with page.expect_navigation():
        page.locator("form.filters button").click()
    expect(page).to_have_url(re.compile("action=product-added"))


@stop("owner")
def trace_empty(tour, page):
    page.goto("/admin/trace?subject=account&subjectId=999999")


@stop("owner")
def office_orders(tour, page):
    page.locator("nav a[href='/admin/orders']").click()
    expect(page).to_have_url(re.compile("/admin/orders$"))


@stop("owner")
def office_orders_found(tour, page):
    page.locator("main [name=q]").fill(tour.people["regular"].login)
    page.locator("main [name=refunded]").check()
    with page.expect_navigation():
        page.locator("main .filters button").click()
    expect(page.locator("main tbody tr")).to_have_count(2)


@stop("owner")
def office_orders_none(tour, page):
    page.goto("/admin/orders?q=nobody&status=cancelled")


@stop("owner")
def office_order(tour, page):
    page.goto(f"/admin/orders?q={tour.completed}")
    expect(page).to_have_url(re.compile(f"/admin/orders/{tour.completed}$"))


@stop("owner")
def office_order_partly_refunded(tour, page):
    page.goto(f"/admin/orders/{tour.parted}")


@stop("owner")
def office_order_pending(tour, page):
    page.goto(f"/admin/orders/{tour.pending}")


@stop("owner", status=422)
def office_order_note_refused(tour, page):
    page.goto(f"/admin/orders/{tour.parted}")
    sent(page, f"/admin/orders/{tour.parted}/notes", note=" ")


@stop("owner")
def office_refund(tour, page):
    page.goto(f"/admin/orders/{tour.parted}")
    page.locator(f"main a[href='/admin/orders/{tour.parted}/refund']").click()
    expect(page).to_have_url(re.compile("/refund$"))


@stop("owner", status=422)
def office_refund_refused(tour, page):
    page.goto(f"/admin/orders/{tour.parted}/refund")
    page.locator("main [name^=quantity-]").fill("9")
    with page.expect_navigation():
        page.locator("main [value=lines]").click()


@stop("owner")
def office_refund_check(tour, page):
    page.goto(f"/admin/orders/{tour.completed}/refund")
    page.locator("main [name^=quantity-]").first.fill("1")
    with page.expect_navigation():
        page.locator("main [value=lines]").click()
    expect(page.locator("main .danger")).to_be_visible()


@stop("owner")
def office_orders_refund(tour, page):
    page.goto("/admin/orders")
    for order in (tour.completed, tour.parted, tour.pending):
        page.locator(f"main [name=select][value='{order}']").check()
    with page.expect_navigation():
        page.locator("main .several-bar [formaction='/admin/orders/refunds']").click()
    expect(page.locator("main .danger")).to_be_visible()


@stop("owner", status=409)
def office_orders_refund_refused(tour, page):
    """Somebody else refunds a part of one meanwhile."""
    customer = tour.shop.customer(100_000)
    orders = [customer.order(tour.chosen) for _ in range(2)]
    for order in orders:
        customer.pay(order)
    page.goto("/admin/orders/refunds?" + "&".join(f"select={order}" for order in orders))
    tour.shop.api("POST", f"/admin/orders/{orders[0]}/refund", {}, tour.shop.admin.token)
    sent(page, "/admin/orders/refunds")


@stop("owner")
def office_orders_refund_none(tour, page):
    page.goto(f"/admin/orders/refunds?select={tour.pending}")


@stop("owner")
def office_orders_note(tour, page):
    page.goto("/admin/orders")
    for order in (tour.completed, tour.pending):
        page.locator(f"main [name=select][value='{order}']").check()
    with page.expect_navigation():
        page.locator("main .several-bar button").first.click()


@stop("owner", status=422)
def office_orders_note_refused(tour, page):
    sent(page, "/admin/orders/notes", note=" ")


@stop("owner", status=409)
def office_refund_over(tour, page):
    """Somebody else refunds everything meanwhile."""
    customer = tour.shop.customer(50_000)
    late = customer.order(tour.chosen)
    customer.pay(late)
    page.goto(f"/admin/orders/{late}/refund")
    tour.shop.api("POST", f"/admin/orders/{late}/refund", {}, tour.shop.admin.token)
    with page.expect_navigation():
        page.locator("main [value=rest]").click()


@stop("owner")
def office_products(tour, page):
    admin = tour.shop.admin.token
    tour.kept = tour.shop.new_product("제주 노지 감귤 5kg", 21_900, description="햇볕을 받고 자란 감귤.\n\n껍질이 얇습니다.", stock=40)
    low = tour.shop.new_product("지리산 토종꿀 1kg", 48_000, stock=2)
    tour.shop.api("PATCH", f"/admin/products/{tour.kept.id}", {"sku": f"MANDARIN-{tour.kept.id}", "lowStock": 10}, admin)
    tour.shop.api("PATCH", f"/admin/products/{low.id}", {"sku": f"HONEY-{low.id}", "lowStock": 5}, admin)
    tour.shop.api("PATCH", f"/admin/products/{tour.shop.new_product('철 지난 것', 9_000).id}", {"listed": False}, admin)
    page.locator("nav a[href='/admin/products']").click()
    expect(page).to_have_url(re.compile("/admin/products$"))


@stop("owner")
def office_products_low(tour, page):
    page.goto("/admin/products?filter=low")


@stop("owner")
def office_products_found(tour, page):
    page.goto(f"/admin/products?q=mandarin-{tour.kept.id}")
    expect(page.locator("main tbody tr")).to_have_count(1)


@stop("owner")
def office_products_none(tour, page):
    page.goto("/admin/products?q=없는물건")


@stop("owner")
def office_products_edit(tour, page):
    page.goto("/admin/products?edit")


@stop("owner", status=409)
def office_products_refused(tour, page):
    page.goto("/admin/products?edit")
    first, second = (int(row.get_attribute("name").split("-")[1]) for row in page.locator("main [name^=was-]").all()[:2])
    tour.shop.api("PATCH", f"/admin/products/{first}", {"price": 8_500}, tour.shop.admin.token)
    page.locator("main [name=reason]").select_option("count")
    sent(page, "/admin/products/rows", **{f"price-{first}": 8_000, f"change-{second}": -900})


@stop("owner")
def office_products_several(tour, page):
    page.goto("/admin/products")
    for box in page.locator("main [name=select]").all()[:3]:
        box.check()
    page.locator("main [name=action]").select_option("raise")
    page.locator("main [name=percent]").fill("10")
    with page.expect_navigation():
        page.locator("main .several-bar button").click()


@stop("owner", status=422)
def office_products_several_refused(tour, page):
    page.goto("/admin/products/several?select=1&action=lower&percent=100")


@stop("owner")
def office_products_import(tour, page):
    page.goto("/admin/products")
    page.locator("main a[href='/admin/products/import']").click()
    expect(page).to_have_url(re.compile("/admin/products/import$"))


def give(page, file):
    page.goto("/admin/products/import")
    page.locator("main [name=csv]").set_input_files({"name": "상품.csv", "mimeType": "text/csv", "buffer": file})
    submit(page, "/admin/products/import")


@stop("owner", status=422)
def office_products_import_refused(tour, page):
    give(page, "sku,name\nA-1,사과\n".encode("cp949"))


@stop("owner")
def office_products_checked(tour, page):
    dried = tour.shop.new_product("영광 굴비 10마리", 79_000, stock=12)
    give(page, f"id,sku,name,price,stock,listed,Color\n{dried.id},,영광 굴비 10마리,69000,15,false,red\n,DATES-{dried.id},경산 대추 1kg,18900,30,,\n"
               f",,이름뿐,비쌈,,,\n{tour.kept.id},,제주 노지 감귤 5kg,21900,,,\n".encode())
    expect(page).to_have_url(re.compile(r"/admin/products/import/\d+$"))


@stop("owner")
def office_products_applied(tour, page):
    submit(page, re.search("/admin/.*", page.url)[0] + "/apply")
    expect(page.locator("[role=status]")).to_be_visible()


@stop("owner")
def office_product_new(tour, page):
    page.goto("/admin/products/new")


@stop("owner", status=422)
def office_product_new_refused(tour, page):
    page.goto("/admin/products/new")
    sent(page, "/admin/products", name="", price="만 원", stock=-1, sku="=1")


@stop("owner")
def office_product_copy(tour, page):
    page.goto(f"/admin/products/new?from={tour.kept.id}")


@stop("owner")
def office_product(tour, page):
    for count, reason in ((12, "delivery"), (-1, "damage"), (3, "count")):
        tour.shop.api("PATCH", f"/admin/products/{tour.kept.id}", {"stockChange": count, "stockReason": reason},
                      tour.shop.admin.token)
    page.goto(f"/admin/products/{tour.kept.id}")


@stop("owner", status=409)
def office_product_stock_refused(tour, page):
    page.locator("main [name=reason]").select_option("count")
    sent(page, f"/admin/products/{tour.kept.id}/stock", stockChange=-900)


@stop("owner", status=409)
def office_product_changed(tour, page):
    page.goto(f"/admin/products/{tour.kept.id}")
    tour.shop.api("PATCH", f"/admin/products/{tour.kept.id}",
                  {"name": "제주 감귤 5kg", "description": "올해 첫 수확입니다."}, tour.shop.admin.token)
    sent(page, f"/admin/products/{tour.kept.id}", name="제주 노지 감귤 5kg (특)", price=19_900)


@stop("owner")
def office_product_chosen(tour, page):
    page.locator("main [name=keep-name][value=mine]").check()
    submit(page, f"/admin/products/{tour.kept.id}")


@stop("owner")
def office_pictures_none(tour, page):
    page.locator(f"main a[href='/admin/products/{tour.kept.id}/pictures']").click()
    expect(page).to_have_url(re.compile("/pictures$"))


@stop("owner", status=422)
def office_pictures_refused(tour, page):
    """HTML that is called a photo."""
    page.locator("main [name=file]").set_input_files(
        {"name": "photo.jpg", "mimeType": "image/jpeg", "buffer": photos.HTML})
    sent(page, f"/admin/products/{tour.kept.id}/pictures", text="나무 상자에 담긴 감귤")


@stop("owner")
def office_pictures(tour, page):
    for number, words in enumerate(("나무 상자에 담긴 감귤", "반으로 자른 감귤의 속", "감귤밭")):
        page.locator("main [name=file]").set_input_files(
            {"name": f"{number}.png", "mimeType": "image/png", "buffer": photos.fruit((236, 150 - 40 * number, 40))})
        sent(page, f"/admin/products/{tour.kept.id}/pictures", text=words)
    expect(page.locator("main .picture-row")).to_have_count(3)


@stop("owner", status=422)
def office_pictures_without_words(tour, page):
    row = page.locator("main .picture-row").nth(1)
    row.locator("input[type=text]").fill("")
    with page.expect_navigation():
        row.locator("button").first.click()


@stop("owner")
def office_picture_to_remove(tour, page):
    page.goto(f"/admin/products/{tour.kept.id}/pictures")
    page.locator("main .picture-row a").first.click()
    expect(page).to_have_url(re.compile("/remove$"))


@stop("owner")
def office_products_with_pictures(tour, page):
    page.goto("/admin/products?q=감귤")


# --- Their second factor ----------------------------------------------------------------------------------------------

@stop("manager")
def password_again(tour, page):
    page.goto("/account/password-again?next=/admin")


@stop("manager", status=422)
def password_again_refused(tour, page):
    sent(page, "/account/password-again", password="wrong horse")


@stop("manager")
def second_factor_none(tour, page):
    page.goto("/account/second-factor")


@stop("manager", status=403)
def password_again_for_a_form(tour, page):
    tour.shop.sql("UPDATE sessions SET password_at = 0 WHERE user_id = ?", tour.customer.id)
    submit(page, "/account/second-factor/begin")


@stop("manager")
def form_kept(tour, page):
    sent(page, "/account/password-again", password=Customer.password)


@stop("manager")
def second_factor_begun(tour, page):
    submit(page, "/account/second-factor/begin")
    tour.secret = page.locator(".secret").inner_text().replace(" ", "")


@stop("manager", status=422)
def second_factor_refused(tour, page):
    sent(page, "/account/second-factor/confirm", code="12345")


@stop("manager")
def recovery_codes(tour, page):
    sent(page, "/account/second-factor/confirm", code=code_of(tour.secret))


@stop("manager")
def second_factor_in_force(tour, page):
    page.goto("/account/second-factor")


@stop("manager")
def second_factor_to_remove(tour, page):
    page.locator("main a[href='/account/second-factor/remove']").click()
    expect(page).to_have_url(re.compile("/remove$"))


@stop("manager")
def second_factor_removed(tour, page):
    submit(page, "/account/second-factor/remove")


@stop("regular", status=404)
def trace_of_a_customer(tour, page):
    page.goto("/admin/trace")


# --- Nobody there: the last, for the shop is opened again only afterwards ---------------------------------------------

@stop("visitor", status=503)
def shop_away(tour, page):
    tour.shop.stop_responder()
    try:
        page.goto("/")
    finally:
        tour.shop.start_responder()
