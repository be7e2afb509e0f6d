// sessions.js - each open session as a rung of a ladder: what its client has sent, what wedge does
// with it, what its server has got, and the same back. One of them can be looked at closely.

import { ask } from "./api.js";
import { byId, el, mark, reconcile, say, svg } from "./dom.js";
import { edit, given, openForm } from "./impairments.js";
import { Ladder } from "./ladder.js";
import { bytes, seconds } from "./units.js";

const STUCK = 0.25; // s: what is inside longer is told as waiting

const rows = new Map(); // session number -> what is known of its row
let selected = null, trouble = () => {};

// What wedge does with one direction, in words: [class, words].
function judge(flow, moved, stages) {
	const holding = stages.filter((s) => s.held || s.pausing).map((s) => s.name.replace(/^session\.\d+\./, ""));
	const by = holding.length ? " by " + [...new Set(holding)].join(", ") : "";
	const since = flow.waiting > STUCK ? ", for " + seconds(flow.waiting) : "";
	if (flow.held)
		return ["holds", "holds " + bytes(flow.held) + by + since];
	if (flow.undelivered && flow.waiting > STUCK)
		return ["holds", bytes(flow.undelivered) + " not taken" + since];
	if (!flow.read && !flow.ended)
		return ["unread", (flow.unread ? "not read" : "would not be read") + by + (flow.paused > STUCK ? ", for " + seconds(flow.paused) : "")];
	if (flow.ended)
		return ["ended", "has ended"];
	return moved ? ["passes", "passes"] : ["open", "open"];
}

function lane(of) {
	const wire = () => {
		const n = el("b", {}, "0 B");
		return { n, box: el("span", { class: "wire" }, n, svg("svg", { class: "way", viewBox: "0 0 100 8", preserveAspectRatio: "none", "aria-hidden": "true" }, svg("path", { d: "M0 4H100" }))) };
	};
	const first = wire(), second = wire();
	const node = el("span", { class: "node" }), unread = el("span", { class: "pending" });
	const box = el("div", { class: "lane " + of }, first.box, node, second.box, unread);
	return { box, node, unread, left: first, right: second };
}

function updateLane(l, of, flow, before, stages) {
	const came = flow.received - (before ? before.received : 0), went = flow.sent - (before ? before.sent : 0);
	const [kind, words] = judge(flow, before && (came || went), stages);
	const [from, to] = of === "up" ? [l.left, l.right] : [l.right, l.left];
	say(from.n, bytes(flow.received));
	say(to.n, bytes(flow.sent));
	mark(from.box, "moves", before && came);
	mark(to.box, "moves", before && went);
	l.node.className = "node " + kind;
	say(l.node, words);
	say(l.unread, flow.unread ? bytes(flow.unread) + " wait unread at the " + (of === "up" ? "client" : "server") + "’s end" : "");
}

async function end(number, how) {
	try {
		await ask("DELETE", `/sessions/${number}?how=${how}`);
	} catch (e) {
		trouble(e.message);
	}
}

function makeRow(s) {
	const up = lane("up"), down = lane("down"), number = s.session;
	const parts = { up, down, age: el("span", { class: "faint" }), state: el("span", { class: "faint" }), before: null };
	const more = el("button", { type: "button", class: "name", "aria-expanded": "false", "aria-controls": "detail-" + number, onclick: () => select(number) },
		el("span", { class: "number" }, "#" + number), " ", s.proxy);
	parts.more = more;
	parts.client = el("span", { class: "place" });
	parts.server = el("span", { class: "place" });
	parts.detail = el("div", { class: "detail", id: "detail-" + number, hidden: true });
	const row = el("article", { class: "session", "aria-label": "Session " + number },
		el("div", { class: "line" }, more, parts.state, parts.age,
			el("span", { class: "buttons" },
				el("button", { type: "button", class: "small", onclick: () => end(number, "close") }, "Close"),
				el("button", { type: "button", class: "small", onclick: () => end(number, "reset") }, "Reset"))),
		el("div", { class: "ends" }, parts.client, el("span", { class: "place middle" }, "wedge"), parts.server),
		up.box, down.box, parts.detail);
	rows.set(number, parts);
	return row;
}

// The address without what all of this host's have in common.
function updateRow(row, s) {
	const p = rows.get(s.session);
	const stages = (dir) => s.impairments.filter((i) => i.direction === dir);
	say(p.client, "client " + s.client);
	say(p.server, s.server ? "server " + s.server : "no server yet");
	say(p.state, s.state);
	say(p.age, seconds(s.seconds < 10 ? Math.round(s.seconds * 10) / 10 : Math.round(s.seconds)));
	updateLane(p.up, "up", s.upstream, p.before && p.before.upstream, stages("upstream"));
	updateLane(p.down, "down", s.downstream, p.before && p.before.downstream, stages("downstream"));
	p.before = s;
	if (s.session === selected)
		updateDetail(p, s);
}

function select(number) {
	const old = rows.get(selected);
	if (old) {
		old.detail.hidden = true;
		old.detail.replaceChildren();
		old.more.setAttribute("aria-expanded", "false");
	}
	selected = selected === number ? null : number;
	const p = rows.get(selected);
	if (!p)
		return;
	const drawing = svg("svg", { class: "ladder", role: "img", "aria-label": `What passed in session ${number} in the last seconds` });
	p.ladder = new Ladder(drawing);
	p.own = el("div", { class: "own" });
	p.stages = el("p", { class: "faint" });
	p.detail.append(drawing, el("div", {},
		el("h3", {}, "For this session alone"), p.own,
		el("button", { type: "button", onclick: () => addTo(number) }, "Impair this session"), p.stages));
	p.detail.hidden = false;
	p.more.setAttribute("aria-expanded", "true");
	showOwn(number);
}

const impairmentsOf = (number) => `/sessions/${number}/impairments`;

function addTo(number) {
	openForm("Impair session " + number, async (definition) => {
		const now = (await ask("GET", impairmentsOf(number))).impairments;
		const answer = await ask("PUT", impairmentsOf(number), { impairments: [...now.map(withoutSession), definition] });
		renderOwn(number, answer.impairments);
	});
}

// As it was asked for: the session's number and the name that it makes are added anew.
function withoutSession(i) {
	const { session, name, ...parameters } = i.parameters;
	const own = (name || "").replace(/^session\.\d+\./, "");
	return { [i.kind]: given(own && own !== i.kind && !own.includes("#") ? { ...parameters, name: own } : parameters) };
}

function renderOwn(number, list) {
	const p = rows.get(number);
	if (!p || selected !== number)
		return;
	const put = async (definitions) => {
		const answer = await ask("PUT", impairmentsOf(number), { impairments: definitions });
		renderOwn(number, answer.impairments);
	};
	edit(p.own, list, withoutSession, put);
}

async function showOwn(number) {
	try {
		renderOwn(number, (await ask("GET", impairmentsOf(number))).impairments);
	} catch (e) {
		trouble(e.message);
	}
}

function updateDetail(p, s) {
	const act = s.impairments.filter((i) => i.active).map((i) => i.name + (i.direction === "upstream" ? " (to the server)" : " (to the client)"));
	p.ladder.push(performance.now() / 1000, s);
	say(p.stages, act.length ? "Acting in its way: " + act.join(", ") : "Nothing acts in its way.");
}

export function showSessions(answer, open, onTrouble) {
	trouble = onTrouble;
	reconcile(byId("session-list"), answer.sessions, (s) => s.session, makeRow, updateRow);
	const there = new Set(answer.sessions.map((s) => s.session));
	for (const number of [...rows.keys()])
		if (!there.has(number))
			rows.delete(number);
	if (!there.has(selected))
		selected = null;
	byId("no-sessions").hidden = answer.sessions.length > 0;
	say(byId("sessions-note"), open > answer.sessions.length ? `the oldest ${answer.sessions.length} of ${open}` : open === 1 ? "one is open" : open + " are open");
}
