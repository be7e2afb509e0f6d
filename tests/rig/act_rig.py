"""act_rig - what each impairment is given by the tests that ask whether each acts."""

# So that each has something to do within a second. One that isn't here is tried with its defaults.
PARAMETERS = {
    "latency": "delay=20ms", "bandwidth": "rate=20kB/s", "slicer": "size=100,gap=1ms", "stall": "after=100B",
    "gather": "bytes=64KiB", "filler": "interval=20ms", "drop": "after=100B,for=50B", "cut": "after=100B", "reset": "after=100B",
    "refuse": "mode=close", "connection_limit": "limit=1", "worker_pool": "hung=5ms,service=20ms", "slow_close": "delay=50ms",
    "half_close": "after=100B", "tls_delay": "delay=20ms", "tls_half_record": "framing=tls-record,after=1 messages",
    "process_freeze": "run=5ms,pause=30ms", "delayed_ack": "timer=50ms", "loss": "mode=nth,n=2", "delay": "delay=5ms",
    "reorder": "share=100%,distance=1", "duplicate": "share=100%", "freeze": "run=5ms,pause=30ms", "syn_drop": "first=1",
    "syn_ack_delay": "delay=20ms", "accept_queue_full": "after_retries=1", "vanish": "after=100B", "mtu_blackhole": "mtu=1000B",
    "rst_inject": "after=100B",
}
