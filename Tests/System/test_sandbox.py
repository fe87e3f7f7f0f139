"""From inside of the services' sandbox nothing can be reached but the shop's own data."""
import pathlib

from shop import ShopTestCase

HERE = pathlib.Path(__file__).resolve().parent
# Of a service's own: what it runs and how it is told that it runs. The rest is its sandbox.
OWN = ("ExecStart", "Type", "NotifyAccess", "Standard", "Restart", "WatchdogSec", "SyslogIdentifier", "Timeout")


class Sandbox(ShopTestCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.shop.copy(HERE / "probe.py", "/usr/local/lib/probe.py")
        cls.shop.run("mkdir -p /home/somebody && echo Dear >/home/somebody/letter && chmod -R a+rX /home"
                     " && mkdir -m 1777 /var/spool/open")
        cls.other = cls.shop.main_process("nginx.service")

    def probe(self, unit):
        """What a process of a unit of this text can do."""
        self.shop.write("/run/systemd/system/probe.service", unit)
        self.shop.run("systemctl daemon-reload && systemctl start probe.service")
        return dict(line.split("\t") for line in self.shop.path("/run/probe-said").read_text().splitlines())

    def unit(self, name=None):
        """The probe's unit, with the sandbox of a service of the package."""
        lines = ["[Service]"]
        if name:
            text = self.shop.path(f"/lib/systemd/system/{name}").read_text()
            lines = [line for line in text.splitlines() if not line.startswith((*OWN, "Requires", "After", "Wants"))]
            lines = lines[:lines.index("[Install]")] if "[Install]" in lines else lines
        return "\n".join([*lines, "Type=oneshot", "StandardOutput=truncate:/run/probe-said",
                          f"ExecStart=/usr/bin/python3 /usr/local/lib/probe.py {self.other}", ""])

    def test_without_a_sandbox_the_probe_gets_everywhere(self):
        # Only then do its refusals mean something. A container's root itself may not set the clock or kernel settings.
        done = {name for name, outcome in self.probe(self.unit()).items() if outcome == "done"}
        self.assertGreaterEqual(done, {
            "reach the network", "reach the network by IPv6", "talk to the kernel by netlink", "read below /home", "list /root",
            "read /etc/shadow", "see other processes", "read what another process was started with",
            "signal another process", "write below /etc", "write below /usr", "write below /var",
            "write where others may", "write below /run", "become root", "make a program that changes the user", "mount",
            "make a namespace", "write the data", "go first", "take short turns"})

    def test_in_the_sandbox_only_the_data_can_be_written(self):
        for service in ("jangteo.service", "jangteo-popular.service", "jangteo-backup.service"):
            with self.subTest(service):
                outcomes = self.probe(self.unit(service))
                self.assertEqual([name for name, outcome in outcomes.items() if outcome == "done"],
                                 ["write the data", "take short turns"], outcomes)

    def test_the_process_that_serves_is_in_it(self):
        process = self.shop.main_process()
        status = dict(line.split(":\t", 1) for line in
                      self.shop.path(f"/proc/{process}/status").read_text().splitlines())
        self.assertEqual({name: int(status[name], 16) for name in ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb")},
                         dict.fromkeys(("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"), 0))
        self.assertEqual((status["NoNewPrivs"], status["Seccomp"]), ("1", "2"))
        for namespace in ("net", "mnt", "user", "ipc", "uts"):
            of_shop, of_machine = (self.shop.output(["readlink", f"/proc/{number}/ns/{namespace}"])
                                   for number in (process, 1))
            self.assertNotEqual(of_shop, of_machine, namespace)
