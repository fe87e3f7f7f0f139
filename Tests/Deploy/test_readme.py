"""README.md: what it tells a newcomer to type works as it stands there."""
import json
import re
import subprocess

from support import PATH, REPOSITORY
from test_run import RunTestCase


def code_below(heading):
    """The first block of code below a heading of the README."""
    below = (REPOSITORY / "README.md").read_text().partition(f"\n{heading}\n")[2]
    return re.search(r"(?:^(?: {4}.*)?\n)+", below.lstrip("\n"), re.MULTILINE)[0]


class FirstSession(RunTestCase):
    def test_every_command_succeeds_and_the_balance_is_what_was_charged_less_the_order(self):
        self.open_shop()
        session, addresses = re.subn(
            r"(http://127\.0\.0\.1):8080/", rf"\1:{self.port}/", code_below("## A first session"))
        self.assertEqual(addresses, 1, session)
        # Two of the answers are taken apart and not printed: this keeps all, one a line.
        answers = self.folder / "answers"
        keeper = self.fake_programs({"curl": f"PATH='{PATH}' curl \"$@\" | tee -a '{answers}'; echo >>'{answers}'"})
        ran = subprocess.run(
            ["bash", "-c", session], env=keeper, capture_output=True, text=True, check=True, timeout=60)
        self.assertEqual(ran.stderr, "")
        self.assertNotIn('"code":', answers.read_text())
        answered = [json.loads(line) for line in answers.read_text().splitlines()]
        _, _, charge, products, coupon, order, payment, balance = answered
        self.assertEqual(len(products["items"]), 3)
        self.assertEqual((order["userCouponId"], payment["orderId"]), (coupon["id"], order["id"]))
        price = sum(item["unitPrice"] * item["quantity"] for item in order["items"])
        left = charge["amount"] - (price - coupon["discount"]["amount"])
        self.assertEqual(balance["amount"], left)
        self.assertTrue(ran.stdout.endswith(f'"amount":{left}}}'), ran.stdout)
