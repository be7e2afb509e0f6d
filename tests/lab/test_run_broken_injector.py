#!/usr/bin/env python3
"""A verdict that can't fail proves nothing: an injector that holds 100 ms where the scenario says
200, or none at all, is found out; and so is a cure that isn't applied."""
import os
import sys

sys.path.insert(0, os.path.join(os.environ["SOURCE_DIR"], "tests/rig"))
from run_rig import Rig, check  # noqa: E402

rig = Rig()


def failed(result):
    return [x["text"] for x in result["expectations"] if not x["ok"] and not x.get("skipped")]


for change in ("impaired.delayed_ack.timer=100ms", "impaired=none",
               "mitigated.delayed_ack.every=2"):
    phase = change.split(".", maxsplit=1)[0].split("=", maxsplit=1)[0]
    result, status, _ = rig.scenario(rig.ordinary, "exchange-delayed-ack", "--quick", "--set", change,
                                     out=change.split("=", maxsplit=1)[0],
                                     good=lambda r, _, name=phase: all(name in text for text in failed(r)))
    check(status == 1 and result["verdict"] == "not-reproduced",
          f"{change}: {result['verdict']}, {len(failed(result))} expectations failed")
    check(all(phase in text for text in failed(result)), f"{change}: only what concerns {phase}: {failed(result)}")
