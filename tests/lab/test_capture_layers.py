#!/usr/bin/env python3
"""Link layers and tunnels: the same two conversations, wrapped in everything that a mirror or a
capture on any interface may deliver, have the SYNs, FINs, RSTs and bytes that tshark counts."""

import os
import shutil
import struct
import sys
import tempfile

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "rig"))
import frame_maker as fm

OUTER = ("192.0.2.1", "192.0.2.2")
OUTER6 = ("2001:db8::1", "2001:db8::2")


def tag(kind, vlan):
    return struct.pack("!HH", kind, vlan)


def in_gre(up, inner, kind, flags=0, extra=b""):
    return fm.ethernet(up, fm.ipv4(*OUTER, 47, struct.pack("!HH", flags, kind) + extra + inner))


def in_udp(up, port, payload):
    return fm.ethernet(up, fm.ipv4(*OUTER, 17, fm.udp(50000, port, payload)))


def vxlan(up, p, port=4789):
    return in_udp(up, port, struct.pack("!II", 0x08000000, 7 << 8) + fm.ethernet(up, p))


def erspan2(up, p, tags=b""):
    head = struct.pack("!I", 5) + struct.pack("!HHI", 0x1000 | 100, 0x0001, 3)
    return in_gre(up, fm.ethernet(up, p, tags=tags), 0x88be, 0x1000, head)


def erspan3(up, p, sub=False):
    head = struct.pack("!I", 5) + struct.pack("!HHIHH", 0x2000 | 100, 1, 99, 0, 1 if sub else 0)
    return in_gre(up, fm.ethernet(up, p), 0x22eb, 0x1000, head + b"\0" * 8 * sub)


def pppoe(p, protocol=None):
    kind = struct.pack("!H", protocol or (0x21 if p[0] >> 4 == 4 else 0x57))
    return struct.pack("!BBHH", 0x11, 0, 77, len(p) + 2) + kind + p


def sll(up, p):
    return struct.pack("!HHH8sH", 0 if up else 4, 1, 6, b"\2\0\0\0\0\1\0\0", fm.ethertype_of(p)) + p


def sll2(up, p):
    return struct.pack("!HHIHBB8s", fm.ethertype_of(p), 0, 2, 1, 0 if up else 4, 6, b"\2\0\0\0\0\1\0\0") + p


def mpls(up, p, labels):
    words = [16 + i << 12 | (i == labels - 1) << 8 | 64 for i in range(labels)]
    return fm.ethernet(up, b"".join(struct.pack("!I", w) for w in words) + p, 0x8847)


def family(order, up, p):
    return struct.pack(order + "I", 2 if p[0] >> 4 == 4 else 30) + p


# name: (link type, frame of a packet, options of tshark)
LAYERS = {
    "ethernet": (fm.ETHERNET, fm.ethernet),
    "vlan": (fm.ETHERNET, lambda up, p: fm.ethernet(up, p, tags=tag(0x8100, 5))),
    "qinq": (fm.ETHERNET, lambda up, p: fm.ethernet(up, p, tags=tag(0x88a8, 5) + tag(0x8100, 6))),
    "qinq_old": (fm.ETHERNET, lambda up, p: fm.ethernet(up, p, tags=tag(0x9100, 5) + tag(0x8100, 6))),
    "vlan_four": (fm.ETHERNET, lambda up, p: fm.ethernet(up, p, tags=tag(0x8100, 5) * 4)),
    "snap": (fm.ETHERNET, lambda up, p: fm.ethernet(
        up, b"\xaa\xaa\3\0\0\0" + struct.pack("!H", fm.ethertype_of(p)) + p, len(p) + 8)),
    "mpls": (fm.ETHERNET, lambda up, p: mpls(up, p, 2)),
    "raw": (fm.RAW, lambda up, p: p),
    "null": (fm.NULL, lambda up, p: family("<", up, p)),
    "loop": (fm.LOOP, lambda up, p: family(">", up, p)),
    "sll": (fm.SLL, sll),
    "sll2": (fm.SLL2, sll2),
    "sll2_vlan": (fm.SLL2, lambda up, p: struct.pack("!HHIHBB8s", 0x8100, 0, 2, 1, 0 if up else 4, 6, bytes(8)) +
                  struct.pack("!HH", 5, fm.ethertype_of(p)) + p),
    "ppp": (fm.PPP, lambda up, p: b"\xff\x03" + (b"\0\x21" if p[0] >> 4 == 4 else b"\0\x57") + p),
    "pppoe": (fm.ETHERNET, lambda up, p: fm.ethernet(up, pppoe(p), 0x8864)),
    "pppoe_vlan": (fm.ETHERNET, lambda up, p: fm.ethernet(up, pppoe(p), 0x8864, tag(0x8100, 9))),
    "pppoe_link": (fm.PPP_ETHER, lambda up, p: pppoe(p)),
    "gre": (fm.ETHERNET, lambda up, p: in_gre(up, p, fm.ethertype_of(p))),
    "gre_key": (fm.ETHERNET, lambda up, p: in_gre(up, p, fm.ethertype_of(p), 0xb000, bytes(12))),
    "gre_ethernet": (fm.ETHERNET, lambda up, p: in_gre(up, fm.ethernet(up, p), 0x6558)),
    "pptp": (fm.ETHERNET, lambda up, p: in_gre(up, pppoe(p)[6:], 0x880b, 0x3081, bytes(12))),
    "erspan1": (fm.ETHERNET, lambda up, p: in_gre(up, fm.ethernet(up, p), 0x88be)),
    "erspan2": (fm.ETHERNET, erspan2),
    "erspan2_vlan": (fm.ETHERNET, lambda up, p: erspan2(up, p, tag(0x8100, 5))),
    "erspan3": (fm.ETHERNET, erspan3),
    "erspan3_sub": (fm.ETHERNET, lambda up, p: erspan3(up, p, True)),
    "vxlan": (fm.ETHERNET, vxlan),
    "vxlan_linux": (fm.ETHERNET, lambda up, p: vxlan(up, p, 8472), "-d", "udp.port==8472,vxlan"),
    "vxlan_over6": (fm.ETHERNET, lambda up, p: fm.ethernet(up, fm.ipv6(*OUTER6, 17, vxlan(up, p)[34:]))),
    "vxlan_twice": (fm.ETHERNET, lambda up, p: in_udp(up, 4789, struct.pack("!II", 0x08000000, 8 << 8) +
                                                      vxlan(up, p))),
    "geneve": (fm.ETHERNET, lambda up, p: in_udp(
        up, 6081, struct.pack("!BBHI", 1, 0, 0x6558, 9 << 8) + bytes(4) + fm.ethernet(up, p))),
    "ip_in_ip": (fm.ETHERNET, lambda up, p: fm.ethernet(up, fm.ipv4(*OUTER, 4 if p[0] >> 4 == 4 else 41, p))),
    "ip_in_ip6": (fm.RAW, lambda up, p: fm.ipv6(*OUTER6, 4 if p[0] >> 4 == 4 else 41, p)),
    "mirror_of_tunnel": (fm.ETHERNET, lambda up, p: in_gre(
        up, fm.ethernet(up, vxlan(up, p)[14:], tags=tag(0x8100, 5)), 0x88be, 0x1000,
        struct.pack("!IHHI", 5, 0x1064, 1, 3))),
}


def check_layers(folder):
    packets = fm.some_packets()
    for name, (link, frame, *options) in LAYERS.items():
        path = fm.write(folder, name + ".pcap", fm.pcap([(at, frame(up, p)) for at, up, p in packets], link))
        read = fm.dump(path)
        assert isinstance(read, dict), f"{name}: {read}"
        mine, theirs = fm.ours(read), fm.tsharks(path, *options)
        assert len(mine) == 2 and mine == theirs, f"{name}: {mine}\ntshark: {theirs}"
        assert not read["not_parsed"] and not read["capture"]["copies"], f"{name}: {read['capture']}"
        assert read["tcp_packets"] == len(packets), name
    print(f"{len(LAYERS)} layers: SYN, FIN, RST and payload as tshark counts them")


def extension(kind, body=bytes(6)):
    return lambda tcp: (kind, struct.pack("!BB", 6, 0) + body + tcp)


def check_extension_headers(folder):
    """IPv6: hop-by-hop, routing, destination options, authentication, an atomic fragment."""
    kinds = {0: bytes(6), 43: bytes(6), 60: b"\1\4" + bytes(4), 44: bytes(6)}
    for kind, body in kinds.items():
        talk = fm.Conversation(6, wrap=extension(kind, body)).all_of_it()
        path = fm.write(folder, f"ext{kind}.pcap", fm.pcap([(at, p) for at, _, p in talk.packets], fm.RAW))
        read = fm.dump(path)
        assert fm.ours(read) == fm.tsharks(path), f"extension header {kind}"
        assert not read["capture"]["fragments"], kind
    print("IPv6 extension headers as tshark reads them")


def check_snap_lengths(folder):
    """64 bytes are enough for IPv4's TCP header; lengths come from the headers."""
    talk = fm.Conversation().all_of_it()
    for cut in (64, 68, 96, 128):
        path = fm.write(folder, f"cut{cut}.pcap", fm.pcap(
            [(at, fm.ethernet(up, p)) for at, up, p in talk.packets], fm.ETHERNET, cut=cut))
        read = fm.dump(path)
        assert fm.ours(read) == fm.tsharks(path), cut
        assert read["capture"]["cut"] > 0 and not read["not_parsed"], cut
    print("snap lengths of 64 to 128 bytes")


def check_length_0(folder):
    """Segments without a length in their header (more than 64 KiB, or the card's work), whole and
    cut: their length is the frame's."""
    for version in (4, 6):
        talk = fm.Conversation(version)
        talk.segment(True, fm.SYN)
        talk.segment(False, fm.SYN | fm.ACK)
        talk.segment(True, fm.ACK)
        talk.segment(True, fm.PSH | fm.ACK, b"x" * 100_000, length=0)
        talk.segment(False, fm.ACK)
        for cut in (None, 96):
            path = fm.write(folder, "big.pcap", fm.pcap([(at, fm.ethernet(up, p)) for at, up, p in talk.packets],
                                                        fm.ETHERNET, cut=cut))
            c = fm.dump(path)["connections"][0]
            assert c["data_bytes"] == [100_000, 0], (version, cut, c)
    print("segments of 100,000 bytes without a length")


def check_fragments(folder):
    """Said and counted; the connection isn't judged. Fragments of a tunnel's packets are: the first
    has the inner headers."""
    talk = fm.Conversation()
    talk.segment(True, fm.SYN)
    talk.segment(False, fm.SYN | fm.ACK)
    talk.segment(True, fm.ACK)
    talk.segment(True, fm.PSH | fm.ACK, b"x" * 1460)
    at, _, whole = talk.packets.pop()
    body = whole[20:]
    parts = [fm.ipv4(talk.client, talk.server, 6, body[:800], 7, 0x2000),
             fm.ipv4(talk.client, talk.server, 6, body[800:], 7, 100)]
    frames = [(t, p) for t, _, p in talk.packets] + [(at, parts[0]), (at, parts[1])]
    read = fm.dump(fm.write(folder, "fragments.pcap", fm.pcap(frames, fm.RAW)))
    assert read["capture"]["fragments"] == 2 and read["not_parsed"] == 1, read["capture"]
    assert "fragments" in read["connections"][0]["unreliable"], read["connections"][0]

    outer = vxlan(True, whole)[14 + 20:]
    frames = [(t, vxlan(up, p)[14:]) for t, up, p in talk.packets]
    frames += [(at, fm.ipv4(*OUTER, 17, outer[:1480], 7, 0x2000)), (at, fm.ipv4(*OUTER, 17, outer[1480:], 7, 185))]
    read = fm.dump(fm.write(folder, "outer.pcap", fm.pcap(frames, fm.RAW)))
    assert read["capture"]["fragments"] == 2 and not read["not_parsed"], read["capture"]
    assert read["connections"][0]["data_bytes"] == [1460, 0] and "unreliable" not in read["connections"][0]
    print("fragments are counted")


def main():
    if not shutil.which("tshark"):
        print("skipped: tshark is missing")
        sys.exit(77)
    with tempfile.TemporaryDirectory() as folder:
        check_layers(folder)
        check_extension_headers(folder)
        check_snap_lengths(folder)
        check_length_0(folder)
        check_fragments(folder)


main()
