"""port_lint - whether what is spoken on a port that everybody knows is what belongs there, as tshark names it: HTTP in clear
on 443 gives a lab away."""
SPEAKS = {7: "echo", 25: "smtp", 80: "http", 135: "dcerpc", 443: "tls", 445: "smb2", 3389: "tpkt", 5060: "sip", 5061: "tls"}


def spoken(packets):
    """{server's port of SPEAKS: {connection: protocols that tshark sees in it}}, of connections whose server has spoken."""
    found, answered = {}, set()
    for p in packets:
        port = min(p.sport, p.dport)
        if p.len and port in SPEAKS:
            found.setdefault(port, {}).setdefault(p.stream, set()).update(p.protocols.split(":"))
            if p.sport == port:
                answered.add(p.stream)
    return {port: {s: p for s, p in streams.items() if s in answered} for port, streams in found.items()}


def lint_ports(packets):
    """What doesn't belong on its port, as texts; packets as marks_rig has them."""
    found = []
    for port, streams in spoken(packets).items():
        wrong = [protocols for protocols in streams.values() if SPEAKS[port] not in protocols]
        if wrong:
            found.append(f"{len(wrong)} of {len(streams)} connections to port {port} don't speak {SPEAKS[port]} but "
                         f"{sorted(wrong[0] - {'eth', 'ethertype', 'ip', 'tcp'})}")
    return found
