// units.js - figures as texts, and wedge's texts as figures (docs/config-format.md).

const BYTES = ["B", "KiB", "MiB", "GiB", "TiB"];

function digits(n) {
	return n >= 100 ? n.toFixed(0) : n >= 10 ? n.toFixed(1).replace(/\.0$/, "") : n.toFixed(2).replace(/\.?0+$/, "");
}

export function bytes(n) {
	let i = 0;
	while (n >= 1024 && i < BYTES.length - 1) {
		n /= 1024;
		i++;
	}
	return (i ? digits(n) : Math.round(n)) + " " + BYTES[i];
}

export const rate = (n) => bytes(n) + "/s";

export function seconds(s) {
	if (s === 0)
		return "0 s";
	if (s < 1e-3)
		return digits(s * 1e6) + " µs";
	if (s < 1)
		return digits(s * 1e3) + " ms";
	if (s < 120)
		return digits(s) + " s";
	const m = Math.floor(s / 60);
	return m < 120 ? m + " min " + Math.floor(s % 60) + " s" : Math.floor(m / 60) + " h " + (m % 60) + " min";
}

// What a slider can do with a parameter: its ends, and the way between a figure and wedge's text.
const FACTORS = {
	duration: { ns: 1e-9, us: 1e-6, ms: 1e-3, s: 1, m: 60, h: 3600, d: 86400 },
	size: { "": 1, B: 1, KB: 1e3, kB: 1e3, KiB: 1024, MB: 1e6, MiB: 1048576, GB: 1e9, GiB: 1073741824 },
	rate: { "B/s": 1, "kB/s": 1e3, "KB/s": 1e3, "KiB/s": 1024, "MB/s": 1e6, "MiB/s": 1048576, "GB/s": 1e9, "GiB/s": 1073741824,
		"bit/s": 0.125, "kbit/s": 125, "Mbit/s": 125e3, "Gbit/s": 125e6 },
	fraction: { "": 1, "%": 0.01 },
};
const ENDS = { duration: [1e-3, 30], size: [1, 16777216], rate: [100, 125e6], fraction: [0, 1] };

export function parse(type, text) {
	const m = /^\s*([\d.]+)\s*(\S*)\s*$/.exec(text || "");
	const factor = m && FACTORS[type] ? (m[1] === "0" ? 1 : FACTORS[type][m[2]]) : undefined;
	return factor === undefined ? null : Number(m[1]) * factor;
}

// Three digits, which are enough for a slider's place; as whole units, so that wedge takes them exactly.
function written(n, units) {
	for (const [name, size] of units)
		if (n >= size || size === units[units.length - 1][1])
			return Number((n / size).toPrecision(3)) + name;
	return "";
}

export function write(type, n) {
	switch (type) {
	case "duration":
		return written(n, [["s", 1], ["ms", 1e-3], ["us", 1e-6]]);
	case "size":
		return Math.round(n) < 1000 ? Math.round(n) + "B" : written(n, [["MB", 1e6], ["kB", 1e3]]);
	case "rate":
		return Math.round(n) < 1000 ? Math.round(n) + "B/s" : written(n, [["MB/s", 1e6], ["kB/s", 1e3]]);
	default:
		return Number((n * 100).toPrecision(3)) + "%";
	}
}

export const hasSlider = (type) => type in ENDS;

// A slider goes from 0 to 1000: along the logarithm, but for a share. Its first place is 0.
export function place(type, n) {
	const [low, high] = ENDS[type];
	if (type === "fraction")
		return Math.round(1000 * n);
	if (!(n > 0))
		return 0;
	return Math.round(1 + 999 * Math.min(1, Math.max(0, Math.log(n / low) / Math.log(high / low))));
}

export function at(type, where) {
	const [low, high] = ENDS[type];
	if (type === "fraction")
		return where / 1000;
	return where < 1 ? 0 : low * Math.pow(high / low, (where - 1) / 999);
}
