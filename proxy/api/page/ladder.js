// ladder.js - one session over its last seconds: time goes down, and each arrow is what passed
// between two looks at it. A bar on wedge's line: bytes are inside; on an end's line: it isn't read.

import { svg } from "./dom.js";
import { bytes } from "./units.js";

const SPAN = 12, PER_SECOND = 30, TOP = 26, LABEL_GAP = 13;

export class Ladder {
	constructor(element) {
		Object.assign(this, { element, samples: [] });
	}

	push(t, session) {
		this.samples.push({ t, up: session.upstream, down: session.downstream });
		while (this.samples.length && this.samples[0].t < t - SPAN - 1)
			this.samples.shift();
		this.draw();
	}

	arrow(parts, of, from, to, y, n, side) {
		const way = to > from ? 1 : -1;
		parts.push(svg("path", { class: "arrow " + of, d: `M${from + way * 4} ${y}H${to - way * 5}m${-way * 5} -3l${way * 5} 3l${-way * 5} 3` }));
		const base = of === "up" ? y - 3 : y + 11;
		if (this.labelled[side] !== undefined && base - this.labelled[side] < LABEL_GAP)
			return;
		this.labelled[side] = base;
		parts.push(svg("text", { class: "of " + of, x: (from + to) / 2, y: base, "text-anchor": "middle" }, bytes(n)));
	}

	// Merges neighbours, so that a long hold is one bar.
	bars(parts, x, of, is, y) {
		let began = null;
		this.samples.forEach((s, i) => {
			const on = is(s), last = i === this.samples.length - 1;
			if (on && began === null)
				began = s.t;
			if (began !== null && (!on || last)) {
				parts.push(svg("rect", { class: "bar " + of, x: x - 4, width: 8, y: y(began), height: Math.max(3, y(s.t) - y(began)), rx: 2 }));
				began = null;
			}
		});
	}

	draw() {
		const width = this.element.clientWidth, last = this.samples[this.samples.length - 1];
		if (!width || !last)
			return;
		const height = TOP + SPAN * PER_SECOND + 8;
		const left = 44, right = width - 44, middle = width / 2;
		const y = (t) => TOP + (SPAN - (last.t - t)) * PER_SECOND;
		const parts = [];
		this.labelled = {};
		for (const [x, name] of [[left, "client"], [middle, "wedge"], [right, "server"]])
			parts.push(svg("line", { class: "life", x1: x, x2: x, y1: TOP, y2: height - 8 }), svg("text", { class: "head", x, y: 14, "text-anchor": "middle" }, name));
		for (let s = 0; s <= SPAN; s += 3)
			parts.push(svg("text", { class: "tick", x: 2, y: y(last.t - s) + 4 }, s ? "−" + s + " s" : "now"));
		const inside = svg("svg", { x: 0, y: TOP, width, height: height - TOP, viewBox: `0 ${TOP} ${width} ${height - TOP}` });
		const shapes = [];
		this.bars(shapes, middle - 5, "down", (s) => s.down.held + s.down.undelivered > 0, y);
		this.bars(shapes, middle + 5, "up", (s) => s.up.held + s.up.undelivered > 0, y);
		this.bars(shapes, left, "unread", (s) => !s.up.read && !s.up.ended && s.up.unread > 0, y);
		this.bars(shapes, right, "unread", (s) => !s.down.read && !s.down.ended && s.down.unread > 0, y);
		for (let i = 1; i < this.samples.length; i++) {
			const a = this.samples[i - 1], b = this.samples[i], at = y((a.t + b.t) / 2);
			if (b.up.received > a.up.received)
				this.arrow(shapes, "up", left, middle, at, b.up.received - a.up.received, "left");
			if (b.up.sent > a.up.sent)
				this.arrow(shapes, "up", middle, right, at, b.up.sent - a.up.sent, "right");
			if (b.down.received > a.down.received)
				this.arrow(shapes, "down", right, middle, at + 3, b.down.received - a.down.received, "right");
			if (b.down.sent > a.down.sent)
				this.arrow(shapes, "down", middle, left, at + 3, b.down.sent - a.down.sent, "left");
		}
		inside.append(...shapes);
		parts.push(inside);
		this.element.setAttribute("viewBox", `0 0 ${width} ${height}`);
		this.element.setAttribute("height", height);
		this.element.replaceChildren(...parts);
	}
}
