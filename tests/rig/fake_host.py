#!/usr/bin/env python3
"""fake_host - a TCP client that is no kernel: its timestamps tick at a rate of its choice, its IP IDs and hop limit are
what they are told to be. Each received segment is acknowledged at once; questions are asked until the time is over.

fake_host.py INTERFACE OWN_ADDRESS GATEWAY_MAC SERVER PORT HZ TTL IDS(count|random|zero) SECONDS"""
import random
import socket
import struct
import sys
import time

interface, own, mac, server, port, hz, ttl, ids, seconds = sys.argv[1:]
port, hz, ttl, seconds = int(port), float(hz), int(ttl), float(seconds)
FIN, SYN, PSH, ACK = 1, 2, 8, 16
wire = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(0x0800))
wire.bind((interface, 0x0800))
frame = bytes.fromhex(mac.replace(":", "")) + wire.getsockname()[4] + b"\x08\x00"
local = random.randrange(20000, 60000)
seq, ack, ip_id, echo = random.randrange(2**32), 0, random.randrange(2**16), 0


def checksum(data):
    total = sum(struct.unpack(f"!{(len(data) + 1) // 2}H", data + b"\0" * (len(data) % 2)))
    while total >> 16:
        total = (total & 0xffff) + (total >> 16)
    return ~total & 0xffff


def next_id():
    global ip_id
    ip_id = {"count": ip_id + 1, "random": random.randrange(1, 2**16), "zero": 0}[ids] % 2**16
    return ip_id


def send(flags, payload=b""):
    """TSval is the clock's: any reader of the capture can compute it."""
    global seq
    option = struct.pack("!BBBBII", 1, 1, 8, 10, int(time.time() * hz) % 2**32, echo)
    tcp = struct.pack("!HHIIBBHHH", local, port, seq, ack, 0x80, flags, 60000, 0, 0) + option + payload
    ends = socket.inet_aton(own) + socket.inet_aton(server)
    sum_ = checksum(ends + struct.pack("!HH", 6, len(tcp)) + tcp)
    tcp = tcp[:16] + struct.pack("!H", sum_) + tcp[18:]
    ip = struct.pack("!BBHHHBBH", 0x45, 0, 20 + len(tcp), next_id(), 0x4000, ttl, 6, 0) + ends
    ip = ip[:10] + struct.pack("!H", checksum(ip)) + ip[12:]
    wire.send(frame + ip + tcp)
    seq = (seq + len(payload) + bool(flags & (SYN | FIN))) % 2**32


def tsval_of(options):
    while options and options[0]:
        length = 1 if options[0] == 1 else options[1]
        if options[0] == 8:
            return struct.unpack("!I", options[2:6])[0]
        options = options[length:]
    return 0


def receive(until):
    """The flags and payload's length of the next segment, or None when the time is over."""
    global ack, echo
    while time.time() < until:
        wire.settimeout(max(until - time.time(), 0.001))
        try:
            data = wire.recv(65536)[14:]
        except socket.timeout:
            break
        tcp = data[(data[0] & 15) * 4:]
        if data[9] != 6 or socket.inet_aton(own) != data[16:20] or struct.unpack("!HH", tcp[:4]) != (port, local):
            continue
        header, flags = (tcp[12] >> 4) * 4, tcp[13]
        length = struct.unpack("!H", data[2:4])[0] - (data[0] & 15) * 4 - header
        ack = (struct.unpack("!I", tcp[4:8])[0] + length + bool(flags & (SYN | FIN))) % 2**32
        echo = tsval_of(tcp[20:header])
        return flags, length
    return None


# A slow clock ticks within the first exchange: of a fast one the same would be seen so far.
time.sleep(max(-time.time() * hz % 1 / hz - 0.008, 0))
send(SYN)
if not receive(time.time() + 2):
    sys.exit("no SYN-ACK")
send(ACK)
end = time.time() + seconds
while time.time() < end:
    send(PSH | ACK, b"q" * 19 + b"\n")
    pause = time.time() + 0.3
    while (got := receive(pause)):
        if got[1]:
            send(ACK)
send(FIN | ACK)
