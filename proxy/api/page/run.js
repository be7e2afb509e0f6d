// run.js - a scenario that is played in a lab (wedge run --watch): its story, its phases as they go,
// what acts in the one that is played, and at the end what is documented beside what was measured.

import { byId, el, reconcile, say } from "./dom.js";
import { seconds } from "./units.js";

const WORDS = { "reproduced": "reproduced", "not-reproduced": "not reproduced", "invalid": "invalid" };
let shown = 0, judged = false;

const phaseName = (label) => label.replace(/_/g, " ");

function progress(p) {
	if (p.state === "waiting")
		return "";
	const age = seconds(Math.round(p.seconds * 10) / 10);
	if (p.state === "done")
		return age + (p.summary ? ", " + p.summary : "");
	return age + ", " + p.exchanges + (p.expected ? " of " + p.expected : "") + " exchanges";
}

function makePhase() {
	const name = el("b"), words = el("span", { class: "faint" }), bar = el("i");
	const item = el("li", {}, name, words, el("span", { class: "progress", "aria-hidden": "true" }, bar));
	item.parts = { name, words, bar };
	return item;
}

function updatePhase(item, p) {
	const { name, words, bar } = item.parts;
	item.className = p.state;
	if (p.state === "now")
		item.setAttribute("aria-current", "step");
	else
		item.removeAttribute("aria-current");
	say(name, phaseName(p.label));
	say(words, progress(p));
	const part = p.state === "done" ? 1 : p.expected ? Math.min(1, p.exchanges / p.expected) : 0;
	bar.style.setProperty("width", 100 * part + "%");
}

function table(v) {
	return el("div", { class: "scroll" }, el("table", {},
		el("thead", {}, el("tr", {}, el("th", { scope: "col" }, "measured"), ...v.measured.map((p) => el("th", { scope: "col" }, phaseName(p))))),
		el("tbody", {}, ...v.rows.map((r) => el("tr", {}, el("th", { scope: "row" }, r.label), ...r.values.map((t) => el("td", {}, t)))))));
}

function expectation(x) {
	const kind = x.skipped ? "skipped" : x.ok ? "ok" : "failed";
	return el("li", { class: kind }, el("b", {}, kind === "ok" ? "as documented" : kind === "failed" ? "not so" : "not judged"),
		el("span", {}, x.documented || x.text), x.measured && el("span", { class: "faint" }, "measured: " + x.measured));
}

function showVerdict(scenario, v) {
	const box = byId("run-verdict");
	box.hidden = !v;
	if (!v || judged)
		return;
	judged = true;
	const told = (v.expectations || []).filter((x) => x.documented || (!x.ok && !x.skipped));
	box.replaceChildren(el("p", { class: "verdict " + v.verdict }, el("b", {}, WORDS[v.verdict] || v.verdict), v.why ? " " + v.why : ""),
		...(v.rows && v.rows.length ? [table(v)] : []), ...(told.length ? [el("ul", { class: "told" }, ...told.map(expectation))] : []));
}

export function showRun(r) {
	const s = r.scenario;
	byId("run").hidden = !s;
	if (!s)
		return;
	if (r.played !== shown) {
		shown = r.played;
		judged = false;
		say(byId("run-title"), (s.failure ? s.failure + " " : "") + s.title);
		say(byId("run-story"), s.story || "");
		say(byId("run-complaint"), s.complaint || "");
		byId("run-complaint").hidden = !s.complaint;
		say(byId("run-how"), [s.name, s.intercept, "seed " + s.seed, s.quick ? "quick" + (s.scaled ? ": " + s.scaled : "") : ""].filter((t) => t).join(", "));
	}
	reconcile(byId("run-phases"), s.phases, (p) => p.label, makePhase, updatePhase);
	showVerdict(s, r.verdict);
	reconcile(byId("run-past"), (r.past || []).map((p, i) => ({ ...p, i })), (p) => p.i, () => el("li"), (item, p) => {
		item.className = p.verdict;
		say(item, (p.failure ? p.failure + " " : "") + p.name + ": " + (WORDS[p.verdict] || p.verdict));
	});
	say(byId("run-report"), s.report ? "Report: " + s.report : "");
}

function makeProxy() {
	const name = el("h3"), mode = el("span", { class: "chip" }), list = el("ul", { class: "acting" });
	const none = el("p", { class: "empty" }, "Nothing is impaired: it forwards faithfully.");
	const box = el("article", { class: "proxy" }, el("div", { class: "line" }, name, mode), list, none);
	box.parts = { name, mode, list, none };
	return box;
}

// Of a run: what acts, and on how many sessions it has.
export function showActing(answer) {
	reconcile(byId("proxy-list"), answer.proxies, (p) => p.name, makeProxy, (box, p) => {
		const { name, mode, list, none } = box.parts;
		say(name, p.name);
		say(mode, p.mode);
		list.replaceChildren(...p.impairments.map((i) => el("li", {}, el("code", {}, i.text), el("span", { class: "faint" }, ` acted on ${i.acted} of ${i.sessions} sessions`))));
		none.hidden = p.impairments.length > 0;
	});
	byId("no-proxies").hidden = answer.proxies.length > 0;
}
