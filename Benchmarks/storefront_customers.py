"""The same pages as in storefront.py, asked for by customers who have logged in: each a random one of them.

    Benchmarks/peers/bench.py --connections 64 --rounds 3 --peers null-c --no-contract --scenarios products \\
        --target-file customers=Benchmarks/storefront_customers.py
"""
import importlib.util
import os

from scenarios import Request, Scenario

HERE = os.path.dirname(os.path.abspath(__file__))
spec = importlib.util.spec_from_file_location("storefront_target", os.path.join(HERE, "storefront.py"))
pages = importlib.util.module_from_spec(spec)
spec.loader.exec_module(pages)

build, start, tokens, verify = pages.build, pages.start, pages.tokens, pages.verify
SCENARIOS = {name: Scenario([Request(**{**page.__dict__, "headers": {"Cookie": "session={token}"}})
                             for page in scenario.requests], read_only=True)
             for name, scenario in pages.SCENARIOS.items()}
