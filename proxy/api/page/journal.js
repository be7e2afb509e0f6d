// journal.js - what wedge does, as it does it: the latest line is first.

import { follow } from "./api.js";
import { byId, el, say } from "./dom.js";

const KEPT = 400, AT_ONCE = 100;
const lines = [];
let waiting = [], skipped = 0, paused = false, due = false;

function sortOf(event) {
	if (/held|hold|stall|freeze|wait|queued|delayed/.test(event))
		return "holds";
	if (/reset|rst|eat|lost|drop|discard|refused|failed|corrupt|vanish|cut/.test(event))
		return "harm";
	if (/config|impairment|schedule|decision|seed|journal/.test(event))
		return "change";
	return "plain";
}

function words(line) {
	const { t, wall, event, ...rest } = line;
	return Object.entries(rest).map(([k, v]) => k + " " + (typeof v === "number" && !Number.isInteger(v) ? Number(v.toPrecision(6)) : typeof v === "object" ? JSON.stringify(v) : v)).join("  ");
}

function makeLine(line) {
	return el("li", { class: sortOf(line.event) }, el("time", {}, line.t.toFixed(3)), el("b", {}, line.event.replace(/_/g, " ")), el("span", {}, words(line)));
}

const matches = (line, filter) => !filter || JSON.stringify(line).toLowerCase().includes(filter);
const filterText = () => byId("journal-filter").value.trim().toLowerCase();

function render() {
	due = false;
	if (paused)
		return;
	const list = byId("journal-list"), filter = filterText();
	const fresh = waiting.slice(-AT_ONCE).filter((l) => matches(l, filter));
	waiting = [];
	list.prepend(...fresh.reverse().map(makeLine));
	while (list.children.length > KEPT)
		list.lastChild.remove();
	say(byId("journal-note"), skipped ? skipped + " lines came too fast to be shown" : "");
}

function rerender() {
	const filter = filterText();
	byId("journal-list").replaceChildren(...lines.filter((l) => matches(l, filter)).reverse().map(makeLine));
	waiting = [];
}

function take(data, event) {
	const line = JSON.parse(data);
	if (event === "lost") {
		skipped += line.lines;
		return;
	}
	lines.push(line);
	if (lines.length > KEPT)
		lines.shift();
	waiting.push(line);
	if (waiting.length > AT_ONCE) {
		skipped += waiting.length - AT_ONCE;
		waiting = waiting.slice(-AT_ONCE);
	}
	if (!due && !paused) {
		due = true;
		requestAnimationFrame(render);
	}
}

export async function runJournal(pauseFor) {
	byId("journal-filter").addEventListener("input", rerender);
	byId("journal-pause").addEventListener("click", () => {
		paused = !paused;
		byId("journal-pause").setAttribute("aria-pressed", String(paused));
		say(byId("journal-pause"), paused ? "Go on" : "Pause");
		if (!paused)
			rerender();
	});
	for (;;) {
		try {
			await follow("/journal", take);
		} catch (e) {
			if (e.status)
				say(byId("journal-note"), e.message);
		}
		await pauseFor(2000);
	}
}
