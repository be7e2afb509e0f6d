"""corpus - command lines that end by themselves, made from what wedge itself says of its commands, options, impairments
and scenarios. None of them has traffic: sessions are play_sessions.py's.

What could run is kept from it by an address that this host doesn't have, by a missing privilege, or by a scenario that
doesn't exist: the message about that is compared, too, and comes after those about the options."""
import dataclasses
import itertools
import json
import pathlib
import re
import subprocess

ROOT = pathlib.Path(__file__).parents[2]
NOBODY_HERE = "192.0.2.1:80"  # RFC 5737
EXPLICIT = ("--listen", NOBODY_HERE, "--upstream", "127.0.0.1:9")
MODES = (EXPLICIT, ("--transparent", "--in", "lo"), ("--redirect", "--port", "80"), ("--forward", "--server", ":80"))
# What follows the options of each command, so that all of it is read and nothing runs.
REST = {"run": ("no-such-scenario",), "show": ("no-such-scenario",), "impairments": ("no_such_impairment",),
        "list": (), "proxy": (), "exec": ("--", "no-such-program")}
WRONG = ("", "x", "0", "-1", "1e99", "99999999999999999999", "a b", "[", "\xe9\n", "..")
# A value that an option takes; "1" when it is not here.
RIGHT = {"--listen": NOBODY_HERE, "--upstream": "127.0.0.1:9", "--in": "lo", "--user": "0", "--port": "80,8000-8100",
         "--to": "192.0.2.0/24,2001:db8::/32", "--map-upstream": "192.0.2.5=127.0.0.1:9", "--server": "192.0.2.7:80",
         "--impair": "stall{after=1KB}", "--journal": "journal", "--tls": "intercept", "--tls-ca": "ca",
         "--tls-verify": "system", "--tls-ciphers": "TLS_AES_128_GCM_SHA256", "--tls-version": "1.3",
         "--tls-keylog": "keys", "--tls-cert-fault": "expired", "--proxy-protocol-out": "v2", "--out": "out",
         "--set": "impaired.stall.after=1KB", "--intercept": "forward", "--phase": "impaired"}


@dataclasses.dataclass(frozen=True)
class Case:
    words: tuple
    files: tuple = ()  # (name, text)
    privileged: bool = False  # keeps root's capabilities, if it has them


class Wedge:
    """What the binary before the change says of itself."""

    def __init__(self, path):
        self.path = path
        self.commands = re.findall(r"^  (\w+)  +\w", self.said("--help").split("commands:")[1], re.M)
        # (option, whether it takes a value) of each command
        self.options = {c: [(m[1], bool(m[2])) for m in re.finditer(
            r"^ +(?:-\w, )?(--[a-z][a-z-]+)(?: (\S+))?", self.said(c, "--help"), re.M)] for c in self.commands}

    def said(self, *words):
        return subprocess.run([self.path, *words], capture_output=True, text=True, check=True).stdout

    def impairments(self):
        return json.loads(self.said("impairments", "--json")) if "impairments" in self.commands else []

    def scenarios(self):
        return [s["name"] for s in json.loads(self.said("list", "--json"))] if "list" in self.commands else []


def slips(word):
    """A word as it is mistyped: letters lost, swapped, doubled, replaced."""
    for i in range(2 if word.startswith("--") else 0, len(word)):
        yield word[:i] + word[i + 1:]
        yield word[:i] + word[i:i + 1] * 2 + word[i + 1:]
        yield word[:i] + word[i + 1:i + 2] + word[i:i + 1] + word[i + 2:]
    yield word + "x"


def given(option, valued):
    return (option, RIGHT.get(option, "1")) if valued else (option,)


def of_all(w):
    yield from ((), ("--help",), ("-h",), ("--version",), ("",), ("-v",), ("no-such-command",), ("--no-such-option",))
    for c in w.commands:
        yield from ((slip,) for slip in slips(c))
        yield from ((c,), (c, "--help"), (c, "-h"), (c, "--no-such-option"), (c, "-Z"), (c, "--"), (c, ""), (c, "x", "y"))


def of_options(w):
    for c in w.commands:
        rest = REST.get(c, ())
        for option, valued in w.options[c]:
            yield from ((c, slip, "1", *rest) for slip in slips(option))
            yield (c, option)  # nothing behind it
            yield (c, option + "=", *rest)
            yield (c, *given(option, valued), *given(option, valued), *rest)
            for mode in MODES if c == "proxy" else ((),):
                yield (c, *mode, *given(option, valued), *rest)
                if valued:
                    yield from ((c, *mode, option, value, *rest) for value in (WRONG if mode in (EXPLICIT, ()) else ("x",)))
        for one, two in itertools.combinations(w.options[c], 2):
            yield (c, *(EXPLICIT if c == "proxy" else ()), *given(*one), *given(*two), *rest)


def of_impairments(w):
    """Every parameter of every impairment with values that it doesn't take; the common ones on one of each plane."""
    seen = set()
    for i in w.impairments():
        yield ("impairments", i["name"])
        yield ("impairments", i["name"], "--json")
        yield from (("impairments", slip) for slip in slips(i["name"]))
        texts = [i["name"], i["example"], i["name"] + "{", i["name"] + "{}", i["name"] + "{no_such=1}", i["name"] + "{name=}"]
        for p in i["parameters"]:
            if p["common"] and (i["plane"], p["name"]) in seen:
                continue
            seen.add((i["plane"], p["name"]))
            texts += [f"{i['name']}{{{p['name']}={value}}}" for value in
                      ("", "x", "0", "-1", "1e99", p["default"], "1", "10ms", "5KB")]
            texts += [f"{i['name']}{{{slip}=1}}" for slip in itertools.islice(slips(p["name"]), 3)]
        for text in texts:
            yield ("proxy", *EXPLICIT, "--impair", text)
        yield ("proxy", *EXPLICIT, "--impair", i["name"], "--impair", i["name"])
        yield ("proxy", *EXPLICIT, "--impair", i["name"] + "{name=a}", "--impair", "stall{name=a}")
        yield ("proxy", *MODES[3], "--impair", i["example"])
        yield ("exec", "--impair", i["example"], "--", "no-such-program")


def of_catalogue(w):
    yield from (("impairments",), ("impairments", "--json"), ("impairments", "--markdown"), ("list",), ("list", "--json"))
    for name in w.scenarios():
        for options in ((), ("--json",), ("--yaml",), ("--quick",), ("--quick", "--json"), ("--json", "--yaml")):
            yield ("show", *options, name)
        yield from (("show", slip) for slip in itertools.islice(slips(name), 9))
        yield from (("run", slip) for slip in itertools.islice(slips(name), 9))
        yield from (("run", "--phase", "no-such-phase", "--set", text, name) for text in (
            "nonsense", "impaired=none", "no-such.stall.after=1KB", "client.exchanges=-1", "lab.mtu=x", "lab.intercept=forward",
            "client.=", "=", "server.app=x"))


def of_rules():
    """Rules printed for takings of every kind, over both versions of IP, with and without what queues packets."""
    which = ((), ("--port", "80"), ("--port", "80,8000-8100", "--to", "198.51.100.0/24,2001:db8:2::/64"), ("--to", "192.0.2.7"),
             ("--to", "2001:db8::/32"), ("--user", "0"), ("--user", "0", "--port", "443", "--to", "192.0.2.0/24"))
    more = ((), ("--early-accept",), ("--own-address",), ("--impair", "delayed_ack"), ("--impair", "loss{leg=client}"),
            ("--impair", "stall"), ("--early-accept", "--impair", "delay{leg=server}"),
            ("--map-upstream", "192.0.2.0/24=127.0.0.1"), ("--map-upstream", ":80=127.0.0.1:8080", "--early-accept"))
    servers = (("192.0.2.1",), ("192.0.2.1:80",), (":80",), ("[2001:db8::1]:443",), ("2001:db8::1", "192.0.2.1:80"))
    for w, m in itertools.product(which, more):
        for mode in (("--transparent", "--in", "lo"), ("--transparent", "--in", "nope"), ("--redirect",), EXPLICIT):
            yield ("proxy", *mode, *w, *m, "--print-rules")
    for s, m in itertools.product(servers, more):
        yield ("proxy", "--forward", *(word for a in s for word in ("--server", a)), *m, "--print-rules")


def of_programs():
    """Commands that wedge exec runs, or can't."""
    for words in (("true",), ("false",), ("sh", "-c", "exit 7"), ("sh", "-c", "kill -9 $$"), ("sh", "-c", "echo said; echo >&2"),
                  ("/",), ("/etc/hostname",), ("no-such-program",), ("",)):
        for options in ((), ("-v",), ("--impair", "delay{delay=1ms}", "--journal", "journal", "-v"),
                        ("--early-accept", "-vv", "--seed", "3")):
            yield ("exec", *options, "--", *words)


def mutants(text):
    """The file without each of its lines, and with each of its words spoilt in one of five ways."""
    lines, turn = text.splitlines(keepends=True), itertools.count()
    for n, line in enumerate(lines):
        yield lines[:n] + lines[n + 1:]
        for m in itertools.islice(re.finditer(r"\w[\w.-]*", line), 12):
            word = (m[0][:-1], "-1", "[", m[0] + "x", "")[next(turn) % 5]
            yield lines[:n] + [line[:m.start()] + word + line[m.end():]] + lines[n + 1:]


def of_files(w):
    """Files of proxies and of scenarios, each spoilt in every place. Those of scenarios are shown and not run."""
    examples = re.findall(r"```yaml\n(.*?)```", (ROOT / "docs/config-format.md").read_text(), re.S)
    for text in map("".join, itertools.chain.from_iterable([e.splitlines(), *mutants(e)] for e in examples)):
        yield Case(("proxy", "--check", "wedge.yaml"), (("wedge.yaml", text),))
    for name in w.scenarios():
        for n, text in enumerate(map("".join, mutants(w.said("show", "--yaml", name)))):
            if n % 4 == 0:
                yield Case(("show", "--json", "spoilt.yaml"), (("spoilt.yaml", text),))
            if n % 12 == 1:
                yield Case(("run", "--phase", "no-such-phase", "spoilt.yaml"), (("spoilt.yaml", text),))


def cases(wedge_path):
    """{part: [case]}"""
    w = Wedge(wedge_path)
    parts = {"the commands": of_all(w), "their options": of_options(w), "impairments": of_impairments(w),
             "the catalogue": of_catalogue(w), "printed rules": of_rules(), "programs that exec runs": of_programs()}
    listed = {name: list(dict.fromkeys(Case(tuple(words), privileged=name.startswith("programs")) for words in part
                                       if not words or words[0] in w.commands or words[0] not in REST))
              for name, part in parts.items()}
    listed["spoilt files"] = list(dict.fromkeys(of_files(w)))
    return listed
