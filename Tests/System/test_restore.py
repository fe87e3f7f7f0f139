"""A backup of one machine opens the same shop on another."""
import json
import re
import shutil

import machine
import photos  # noqa: E402, found where machine looks
from shop import ADMIN, BACKUPS, DATA, DATABASE, ShopTestCase


class Restore(ShopTestCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.other = cls.new_shop()
        cls.other.install()
        cls.customers = cls.shop.fill(users=20, products=50)
        charging = cls.shop.charging(cls.customers[:8])
        try:
            # One is made while the shop sells. Of one day only the last is kept.
            cls.first = cls.bring(cls.back_up())
            charging.stop()
        finally:
            charging.abandon()
        cls.pictures = cls.add_picture()
        # And one of the quiet shop, to be compared.
        cls.shop.run("sleep 1.1; systemctl start jangteo-popular.service")
        cls.last = cls.bring(cls.back_up())

    @classmethod
    def add_picture(cls):
        """A product with a picture, given to the service in its sandbox; the addresses of the picture's files."""
        cls.shop.make_admin()
        machine.until(20, "the shop is open again", cls.shop.is_ready)
        login, password = ADMIN.split(":")
        token = cls.made(cls.shop.ask("/api/v1/tokens", "POST", {"login": login, "password": password}))["token"]
        draft = {"name": "사과", "price": 1000, "stock": 3}
        product = cls.made(cls.shop.ask("/api/v1/admin/products", "POST", draft, token))["id"]
        cls.shop.path("/root/fruit.png").write_bytes(photos.fruit(width=600, height=450))
        said = cls.shop.output([
            "curl", "-s", "-m", "60", "-H", f"Authorization: Bearer {token}", "-H", "Content-Type: application/octet-stream",
            "--data-binary", "@/root/fruit.png", f"http://127.0.0.1/api/v1/admin/products/{product}/pictures?text=apples"])
        return re.findall(r'"href":"([^"]*)"', said) or said

    @staticmethod
    def made(answer):
        status, body = answer
        if status != 201:
            raise AssertionError(f"{status} {body}")
        return json.loads(body)

    @classmethod
    def back_up(cls):
        cls.shop.run("systemctl start jangteo-backup.service")
        return max(cls.shop.output(f"ls {BACKUPS}/jangteo-2*.db.gz").split())

    @classmethod
    def bring(cls, backup):
        """Carries a backup to the other machine, and the pictures beside it."""
        shutil.copyfile(cls.shop.path(backup), cls.other.path(backup))
        if cls.shop.path(f"{BACKUPS}/pictures").exists():
            shutil.copytree(cls.shop.path(f"{BACKUPS}/pictures"), cls.other.path(f"{BACKUPS}/pictures"), dirs_exist_ok=True)
        cls.other.run(["chown", "-R", "jangteo:jangteo", BACKUPS])
        return backup

    def close(self):
        self.other.run("systemctl stop jangteo.socket jangteo.service jangteo-popular.timer jangteo-backup.timer")
        self.addCleanup(self.open)

    def open(self):
        self.other.run("systemctl start jangteo.socket jangteo.service jangteo-popular.timer jangteo-backup.timer")

    def content(self, shop):
        """Every row of the database."""
        return shop.output(f"sqlite3 -readonly {DATABASE} .dump | grep -v '^INSERT INTO sqlite_stat' | sha256sum",
                           user="jangteo")

    def test_1_it_refuses_while_the_shop_runs_and_changes_nothing(self):
        before = self.content(self.other)
        ran = self.other.jangteo("restore", self.last, check=False)
        self.assertNotEqual(ran.returncode, 0)
        self.assertEqual(len(ran.stdout.splitlines()), 1, ran.stdout)
        self.assertEqual(self.content(self.other), before)
        self.assertEqual(self.other.ask("/api/v1/products")[0], 200)

    def test_2_the_other_machine_is_the_same_shop_afterwards(self):
        self.close()
        said = self.other.jangteo("restore", self.last).stdout
        self.assertRegex(said, rf"(?s)^{DATABASE} is {self.last}, .*shop\.db\.before-restore-")
        self.assertEqual(self.content(self.other), self.content(self.shop))
        self.assertEqual(self.other.audit(), "")
        self.open()
        # Customers are still logged in, and find what they had.
        for user, token in self.customers[:3]:
            for target in ("/api/v1/balance", "/api/v1/balance/entries?limit=100", "/api/v1/users/me"):
                here, there = self.shop.ask(target, token=token), self.other.ask(target, token=token)
                self.assertEqual(here[0], 200, here)
                self.assertEqual(here, there)
        self.assertEqual(self.other.ask("/api/v1/balance/charges", "POST", {"amount": 1000}, self.customers[0][1])[0], 201)
        self.assertEqual(self.other.audit(), "")

    def test_3_a_picture_made_in_the_sandbox_is_served_by_both(self):
        self.assertEqual({address.rpartition("-")[2] for address in self.pictures},
                         {f"{width}.{kind}" for width in (160, 480, 600) for kind in ("jpg", "webp")}, self.pictures)
        for address in self.pictures:
            here, there = (self.served(shop, address) for shop in (self.shop, self.other))
            self.assertEqual(here, there)
            self.assertEqual(here[:2], ("200", "public, max-age=31536000, immutable"))

    def served(self, shop, address):
        """Status, how long it may be kept, and the checksum of what comes."""
        head = shop.output(["curl", "-s", "-D", "-", "-o", "/root/came", f"http://127.0.0.1{address}"])
        kept = re.search(r"(?im)^cache-control: (.*?)\r?$", head)
        return head.split()[1], kept and kept[1], shop.output("sha256sum </root/came")

    def test_4_the_copy_that_was_made_while_the_shop_sold_holds_too(self):
        self.close()
        self.other.jangteo("restore", self.first)
        self.assertEqual(self.other.audit(), "")
        self.assertLessEqual(self.other.charges(), self.shop.charges())

    def test_5_a_damaged_one_is_refused_and_what_is_there_stays(self):
        self.close()
        before = self.content(self.other)
        damaged = f"{BACKUPS}/damaged.db.gz"
        packed = self.shop.path(self.last).read_bytes()
        self.other.path(damaged).write_bytes(packed[:len(packed) // 2])
        self.other.run(["chown", "jangteo:jangteo", damaged])
        ran = self.other.jangteo("restore", damaged, check=False)
        self.assertNotEqual(ran.returncode, 0)
        self.assertEqual(len(ran.stdout.splitlines()), 1, ran.stdout)
        self.assertEqual(self.content(self.other), before)
        self.assertNotIn("partial", self.other.output(f"ls {DATA}"))
