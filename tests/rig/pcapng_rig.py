"""pcapng_rig - a capture's blocks, read by rules that are not wedge's own code: every length, padding
and option order is checked on the way."""
import struct
import subprocess

from run_rig import fail

SECTION, INTERFACE, STATISTICS, PACKET, SECRETS = 0x0a0d0d0a, 1, 5, 6, 10
FIXED = {SECTION: 16, INTERFACE: 8, STATISTICS: 12, PACKET: 20}
COMMENT = 1


class Block:
    def __init__(self, kind, body):
        self.kind, self.body, self.options = kind, body, []
        if kind not in FIXED:
            return
        at = FIXED[kind]
        if kind == PACKET:
            self.interface, high, low, caplen, self.length = struct.unpack_from("<IIIII", body)
            self.time, self.data = high << 32 | low, body[20:20 + caplen]
            at += (caplen + 3) // 4 * 4
            if len(self.data) != caplen or any(body[20 + caplen:at]):
                fail("a packet is cut, or its padding is not zero")
        if kind == STATISTICS:
            self.interface = struct.unpack_from("<I", body)[0]
        self.fixed = body[:at]
        while at < len(body):
            code, size = struct.unpack_from("<HH", body, at)
            value, pad = body[at + 4:at + 4 + size], body[at + 4 + size:at + 4 + (size + 3) // 4 * 4]
            at += 4 + size + len(pad)
            if len(value) != size or any(pad):
                fail("an option is cut, or its padding is not zero")
            self.options.append((code, value))
        if self.options and (self.options[-1] != (0, b"") or any(c == 0 for c, _ in self.options[:-1])):
            fail("options don't end with opt_endofopt")

    def comments(self):
        return [value.decode("utf-8") for code, value in self.options if code == COMMENT]

    def rest(self):
        """The options but for comments, and but for an end that stands alone."""
        return [o for o in self.options if o[0] not in (0, COMMENT)]


def blocks(path):
    with open(path, "rb") as f:
        data = f.read()
    found, at = [], 0
    while at < len(data):
        kind, total = struct.unpack_from("<II", data, at)
        if total % 4 or total < 12 or struct.unpack_from("<I", data, at + total - 4)[0] != total:
            fail(f"{path}: wrong lengths at {at}")
        found.append(Block(kind, data[at + 8:at + total - 4]))
        at += total
    return found


def packets(path):
    return [b for b in blocks(path) if b.kind == PACKET]


def capinfos(path):
    """What capinfos says, by name; fails when it complains."""
    p = subprocess.run(["capinfos", "-M", path], capture_output=True, text=True, check=False)
    if p.returncode:
        fail(f"capinfos: {p.stderr}")
    return dict(line.split(":", 1) for line in p.stdout.splitlines() if ":" in line)
