"""A backup of one machine opens the same shop on another."""
import shutil

from shop import BACKUPS, DATA, DATABASE, ShopTestCase


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
        # And one of the quiet shop, to be compared.
        cls.shop.run("sleep 1.1; systemctl start jangteo-popular.service")
        cls.last = cls.bring(cls.back_up())

    @classmethod
    def back_up(cls):
        cls.shop.run("systemctl start jangteo-backup.service")
        return max(cls.shop.output(f"ls {BACKUPS}/jangteo-2*.db.gz").split())

    @classmethod
    def bring(cls, backup):
        """Carries a backup to the other machine."""
        shutil.copyfile(cls.shop.path(backup), cls.other.path(backup))
        cls.other.run(["chown", "jangteo:jangteo", backup])
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

    def test_3_the_copy_that_was_made_while_the_shop_sold_holds_too(self):
        self.close()
        self.other.jangteo("restore", self.first)
        self.assertEqual(self.other.audit(), "")
        self.assertLessEqual(self.other.charges(), self.shop.charges())

    def test_4_a_damaged_one_is_refused_and_what_is_there_stays(self):
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
