// chart.js - lines over the last minute. A value that wasn't measured is a gap, not a zero.

import { svg } from "./dom.js";

const WINDOW = 60, HEIGHT = 150, LEFT = 64, RIGHT = 10, TOP = 8, BOTTOM = 22;

function niceCeiling(n, steps) {
	for (const step of steps)
		if (n <= step)
			return step;
	const power = Math.pow(10, Math.floor(Math.log10(n)));
	return [1, 2, 5, 10].map((f) => f * power).find((f) => n <= f);
}

export class Chart {
	// series: [{name, of: CSS class, dashed}]; steps: upper ends that suit the unit
	constructor(element, series, format, steps) {
		Object.assign(this, { element, series, format, steps, points: [], pointer: null });
		element.addEventListener("pointermove", (e) => {
			this.pointer = e.offsetX;
			this.draw();
		});
		element.addEventListener("pointerleave", () => {
			this.pointer = null;
			this.draw();
		});
		new ResizeObserver(() => this.draw()).observe(element);
	}

	clear() {
		this.points = [];
	}

	push(t, values) {
		this.points.push({ t, values });
		while (this.points.length && this.points[0].t < t - WINDOW - 2)
			this.points.shift();
		this.draw();
	}

	path(k, x, y) {
		let d = "", open = false;
		for (const p of this.points) {
			const v = p.values[k];
			if (v === null) {
				open = false;
				continue;
			}
			d += (open ? "L" : "M") + x(p.t).toFixed(1) + " " + y(v).toFixed(1);
			if (!open)
				d += "h0.01";
			open = true;
		}
		return d;
	}

	// Of the lines that are dashed, or of those that aren't: a wait that goes on would press these flat.
	highest(dashed) {
		return Math.max(0, ...this.points.flatMap((p) => p.values.filter((_, k) => !!this.series[k].dashed === dashed).map((v) => v ?? 0)));
	}

	readout(x, y, end) {
		const at = this.points.reduce((best, p) => Math.abs(x(p.t) - this.pointer) < Math.abs(x(best.t) - this.pointer) ? p : best);
		const said = this.series.map((s, k) => at.values[k] === null ? null : s.name + " " + this.format(at.values[k])).filter((s) => s);
		const right = x(at.t) > end / 2;
		return [svg("line", { class: "cross", x1: x(at.t), x2: x(at.t), y1: TOP, y2: HEIGHT - BOTTOM }),
			svg("text", { class: "value", x: x(at.t) + (right ? -6 : 6), y: TOP + 10, "text-anchor": right ? "end" : "start" }, said.join(" · ") || "nothing measured")];
	}

	draw() {
		const width = this.element.clientWidth, last = this.points[this.points.length - 1];
		if (width < 2 * LEFT || !last)
			return;
		const top = niceCeiling(this.highest(false) || this.highest(true), this.steps);
		const end = width - RIGHT;
		const x = (t) => end - (last.t - t) / WINDOW * (end - LEFT);
		const y = (v) => HEIGHT - BOTTOM - v / top * (HEIGHT - BOTTOM - TOP);
		const parts = [];
		for (let i = 0; i <= 2; i++) {
			const v = top * i / 2;
			parts.push(svg("line", { class: "grid", x1: LEFT, x2: end, y1: y(v), y2: y(v) }),
				svg("text", { class: "tick", x: LEFT - 8, y: y(v) + 4, "text-anchor": "end" }, this.format(v)));
		}
		for (let s = 0; s <= WINDOW; s += width < 480 ? 30 : 15)
			parts.push(svg("text", { class: "tick", x: x(last.t - s), y: HEIGHT - 5, "text-anchor": s ? "middle" : "end" }, s ? "−" + s + " s" : "now"));
		const clip = svg("svg", { x: LEFT, y: 0, width: end - LEFT + 2, height: HEIGHT, viewBox: `${LEFT} 0 ${end - LEFT + 2} ${HEIGHT}` });
		this.series.forEach((s, k) => clip.append(svg("path", { class: "line " + s.of + (s.dashed ? " dashed" : ""), d: this.path(k, x, y) })));
		parts.push(clip);
		const beyond = this.series.filter((s, k) => last.values[k] > top).map((s) => s.name + " " + this.format(last.values[this.series.indexOf(s)]));
		if (beyond.length && this.pointer === null)
			parts.push(svg("text", { class: "value", x: end, y: TOP + 10, "text-anchor": "end" }, "↑ " + beyond.join(", ")));
		if (this.pointer !== null)
			parts.push(...this.readout(x, y, end));
		this.element.setAttribute("viewBox", `0 0 ${width} ${HEIGHT}`);
		this.element.setAttribute("height", HEIGHT);
		this.element.setAttribute("aria-label", this.series.map((s, k) => last.values[k] === null ? null : s.name + " " + this.format(last.values[k])).filter((s) => s).join(", ") || "nothing measured now");
		this.element.replaceChildren(...parts);
	}
}
