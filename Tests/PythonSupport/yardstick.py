"""What a processor is capable of at the moment: the time of a fixed piece of work that has nothing of the shop in it.

A bound in milliseconds holds or not as the machine decides: the same search has taken 1.6 times as long a day later, beside
other guests of the same host. What makes a processor slower makes both slower, so a cost is bounded by its ratio to the
yardstick, and given in the milliseconds that it takes where the yardstick takes `USUAL_MILLISECONDS`.
"""
import sqlite3
import time

# On the machine on which the shop's bounds were found, on a day when it is quick. Reckoned from a slow day, on which it takes
# 4.2, and searches 1.6 to 1.75 times as long as on a quick one.
USUAL_MILLISECONDS = 2.4


class Yardstick:
    """A scan of a fixed table in memory, with a text looked for in every row."""

    def __init__(self):
        self.database = sqlite3.connect(":memory:")
        self.database.executescript("""
            CREATE TABLE fixed (id INTEGER PRIMARY KEY, text TEXT NOT NULL);
            WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 10000)
            INSERT INTO fixed SELECT i, printf('%0200d', i * 7919) FROM n;""")

    def milliseconds(self, lasting=0):
        """The mean of as many as take so long together.

        A moment without others is found more easily the shorter it is: what is compared has to last equally long.
        """
        before, count = time.thread_time(), 0
        while True:
            self.database.execute("SELECT count(*) FROM fixed WHERE instr(text, '7919') > 0").fetchall()
            count += 1
            passed = (time.thread_time() - before) * 1_000
            if passed >= lasting:
                return passed / count


def processor_milliseconds(process):
    """What all threads of a process have used so far."""
    # The kernel's name for the clock of another process, as clock_getcpuclockid(3) makes it.
    return time.clock_gettime((~process << 3) | 2) * 1_000
