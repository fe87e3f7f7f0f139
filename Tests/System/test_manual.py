"""What the manual tells to do when the database is damaged, taken from the manual and done."""
import json
import pathlib
import re
import time

import machine
from shop import BACKUPS, DATABASE, ShopTestCase

MANUAL = pathlib.Path(__file__).resolve().parents[2] / "deploy" / "README.md"


def blocks(beginning, end):
    """The blocks of commands between two texts of the manual."""
    part = MANUAL.read_text().split(beginning, 1)[1].split(end, 1)[0]
    return [re.sub(r"(?m)^    ", "", block) for block in re.findall(r"(?m)(?:^    .*\n)+", part)]


def function(name):
    """A shell function that the manual defines."""
    return re.search(rf"(?m)^    ({name}\(\) .*)$", MANUAL.read_text())[1]


class Answers(ShopTestCase):
    def test_the_shop_is_asked_as_the_manual_says(self):
        # nginx is reloaded by the installation, and may still show the page that Debian puts there.
        machine.until(10, "nginx has the shop's site", self.shop.is_ready)
        self.assertEqual(self.shop.output(function("watch") + "\nwatch /readyz"), "ready")
        self.assertIn("jangteo_build_info", self.shop.output(function("watch") + "\nwatch /metrics"))
        self.shop.run("systemctl stop jangteo.socket jangteo.service")
        self.addCleanup(self.shop.run, "systemctl start jangteo.socket jangteo.service")
        self.assertNotEqual(self.shop.run(function("watch") + "\nwatch /readyz", check=False).returncode, 0)


class Hourly(ShopTestCase):
    def test_hourly_backups_take_the_place_of_the_nightly_one(self):
        hourly = blocks("To lose less than a day, make more:", "The schedule keeps")[0]
        self.shop.run(hourly)
        times = self.shop.output("systemctl show --property=TimersCalendar jangteo-backup.timer").splitlines()
        self.assertEqual(len(times), 1, times)
        self.assertIn("OnCalendar=*-*-* *:00:00", times[0])


class DamagedDatabase(ShopTestCase):
    def test_it_is_found_out_kept_and_replaced_by_the_last_backup(self):
        shop = self.shop
        # So many that the entries are some hundred pages, whichever table the damage will hit.
        customers = shop.fill(users=12_000, products=50)
        token = customers[0][1]
        shop.run("systemctl start jangteo-backup.service")
        time.sleep(1.1)  # nginx's log has seconds
        self.assertEqual(shop.ask("/api/v1/balance/charges", "POST", {"amount": 3000}, token)[0], 201)
        time.sleep(1.1)
        # A night comes in between.
        shop.run("mv /var/log/nginx/jangteo-access.log /var/log/nginx/jangteo-access.log.1; nginx -s reopen; sleep 1")
        shop.run("systemctl stop jangteo.service")
        pages = shop.path(DATABASE).stat().st_size // 4096
        self.assertGreater(pages, 100)
        # Somewhere in the middle, as a disk does it: neither the head nor what is looked at first.
        shop.run(f"dd if=/dev/urandom of={DATABASE} bs=4096 seek={pages // 2} count=20 conv=notrunc status=none")

        found = shop.run(["jangteo", "doctor", "--config", "/etc/jangteo/jangteo.conf", "--skip", "clock"], check=False)
        self.assertEqual(found.returncode, 1, found.stdout)
        self.assertRegex(found.stdout, r"(?i)integrity|malformed|damaged")

        put_aside, lost, read_around = blocks("**The database is damaged.**", "**nginx answers 503.**")
        # The machine of the test has no ring buffer of its own to look into.
        shop.run(put_aside.replace("dmesg", "true dmesg"))
        restore = blocks("### Restore", "### Proving it")[0]
        newest = shop.output(f"ls -t {BACKUPS}/*.db.gz | head -n 1")
        shop.run(function("shop") + "\n" + re.sub(r"/var/backups/jangteo/jangteo-\d\S+", newest, restore))
        self.assertEqual(json.loads(shop.ask("/api/v1/balance", token=token)[1])["amount"], 1_000)
        self.assertEqual(shop.audit(), "")

        # The charge since the backup is gone; the log knows of it, and the damaged copy may.
        lines = shop.output(lost).splitlines()
        self.assertEqual([line for line in lines if "/api/v1/balance/charges" in line and '"status":201' in line], lines)
        self.assertEqual(len(lines), 1, lines)
        shop.run(read_around, check=False)
        found = int(shop.output(["sqlite3", "/root/recovered.db", "SELECT count(*) FROM balance_entries"]))
        self.assertGreater(found, 1000)
