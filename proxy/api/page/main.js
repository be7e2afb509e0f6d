// main.js - asks wedge again and again, and hands what it says to the parts of the page.

import { ask } from "./api.js";
import { setUpCaptures, showCaptures } from "./captures.js";
import { Chart } from "./chart.js";
import { byId, el, say } from "./dom.js";
import { loadKinds } from "./impairments.js";
import { runJournal } from "./journal.js";
import { openProxyForm, showProxies } from "./proxies.js";
import { showActing, showRun } from "./run.js";
import { showSessions } from "./sessions.js";
import { bytes, rate, seconds } from "./units.js";

const OFTEN = 300, SELDOM = 1500, HIDDEN = 3000, SESSIONS = 40;
const DIRECTIONS = ["upstream", "downstream"];
const pauseFor = (ms) => new Promise((resolve) => setTimeout(resolve, document.hidden ? HIDDEN : ms));

const rates = new Chart(byId("chart-rate"), [{ name: "to servers", of: "up" }, { name: "to clients", of: "down" }], rate,
	[1024, 10240, 102400, 1048576, 2097152, 5242880, 10485760, 52428800, 104857600]);
const delays = new Chart(byId("chart-delay"), [{ name: "to servers", of: "up" }, { name: "to clients", of: "down" },
	{ name: "waits to servers", of: "up", dashed: true }, { name: "waits to clients", of: "down", dashed: true }], seconds,
[0.001, 0.01, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30, 60, 120, 300, 600, 3600]);
let run = null, ended = false, told = false; // of a lab: which run is shown, whether it is over, and has said so
let before = null, stats = null, sessions = { sessions: [] };

function trouble(text) {
	byId("trouble").hidden = !text;
	say(byId("trouble"), text);
}

function live(on) {
	byId("state").className = "state " + (ended ? "" : on ? "live" : "lost");
	say(byId("state"), ended ? "the run is over" : on ? "live" : "wedge doesn’t answer");
}

const keyOf = (p) => p.mode + " " + p.name;

// What the chosen proxies moved between two looks: of each only what both looks know.
function movedBetween(a, b, chosen) {
	const nothing = { sent: 0, left: 0, waited: 0, inside: 0 };
	const sum = { upstream: { ...nothing }, downstream: { ...nothing } };
	for (const p of b.proxies) {
		const old = a.proxies.find((q) => keyOf(q) === keyOf(p));
		if (chosen && keyOf(p) !== chosen)
			continue;
		for (const d of DIRECTIONS) {
			sum[d].inside += p[d].inside;
			if (!old || p[d].sent < old[d].sent)
				continue;
			sum[d].sent += p[d].sent - old[d].sent;
			sum[d].left += p[d].left - old[d].left;
			sum[d].waited += p[d].waited - old[d].waited;
		}
	}
	return sum;
}

// How long bytes have been inside whose turn hasn't come, at most; of the sessions that are shown.
function longestWait(direction, chosen) {
	const name = chosen && chosen.slice(chosen.indexOf(" ") + 1);
	const waits = sessions.sessions.filter((s) => !name || s.proxy === name).map((s) => s[direction].waiting);
	const longest = Math.max(0, ...waits);
	return longest > 0.25 ? longest : null;
}

function showStats(now) {
	const last = before;
	stats = before = now;
	if (!last || now.seconds <= last.seconds)
		return;
	const time = now.seconds - last.seconds, chosen = byId("chart-proxy").value;
	const all = movedBetween(last, now, ""), some = movedBetween(last, now, chosen);
	const mean = (m) => (m.left > 0 ? m.waited / m.left : null);
	rates.push(now.seconds, DIRECTIONS.map((d) => some[d].sent / time));
	delays.push(now.seconds, [...DIRECTIONS.map((d) => mean(some[d])), ...DIRECTIONS.map((d) => longestWait(d, chosen))]);
	const both = { left: all.upstream.left + all.downstream.left, waited: all.upstream.waited + all.downstream.waited };
	say(byId("tile-open"), String(now.proxies.reduce((n, p) => n + p.sessions_open, 0)));
	say(byId("tile-up"), rate(all.upstream.sent / time));
	say(byId("tile-down"), rate(all.downstream.sent / time));
	const held = now.packets.held;
	say(byId("tile-inside"), bytes(all.upstream.inside + all.downstream.inside) + (held ? ", " + held + (held === 1 ? " packet" : " packets") : ""));
	say(byId("tile-delay"), both.left > 0 ? seconds(mean(both)) : "–");
}

function offerProxies(now) {
	const choice = byId("chart-proxy"), wanted = ["", ...now.proxies.map(keyOf)];
	if ([...choice.options].map((o) => o.value).join("\n") === wanted.join("\n"))
		return;
	const chosen = choice.value;
	choice.replaceChildren(el("option", { value: "" }, "all proxies"), ...now.proxies.map((p) => el("option", { value: keyOf(p) }, p.name)));
	choice.value = wanted.includes(chosen) ? chosen : "";
}

async function lookOften() {
	if (run) {
		const r = await ask("GET", "/run");
		ended = told = r.ended;
		showRun(r);
	}
	const now = await ask("GET", "/stats");
	sessions = await ask("GET", "/sessions?most=" + SESSIONS);
	offerProxies(now);
	showStats(now);
	showSessions(sessions, now.proxies.length ? Math.max(sessions.sessions.length, now.proxies.reduce((n, p) => n + p.sessions_open, 0)) : sessions.sessions.length, trouble);
}

async function lookSeldom() {
	if (run) {
		showActing(await ask("GET", "/proxies"));
		return;
	}
	showProxies(await ask("GET", "/proxies"), stats, lookSeldom);
	showCaptures(await ask("GET", "/captures"));
}

// What is shown stays until another run is at this address.
async function awaitNext() {
	for (;;) {
		await pauseFor(1000);
		try {
			if ((await ask("GET", "/health")).run !== run || !told) {
				location.reload();
				return;
			}
		} catch {
			// nobody is there yet
		}
	}
}

async function repeat(look, ms) {
	while (!ended) {
		try {
			await look();
			live(true);
		} catch (e) {
			if (e.status) {
				trouble(e.message);
			} else {
				ended = !!run; // killed, or too quick to be told
				live(false);
			}
		}
		await pauseFor(ms);
	}
}

async function begin() {
	byId("chart-proxy").addEventListener("change", () => {
		rates.clear();
		delays.clear();
	});
	byId("add-proxy").addEventListener("click", openProxyForm);
	for (;;) {
		try {
			const health = await ask("GET", "/health");
			say(byId("version"), health.version);
			document.title = "wedge on " + location.host;
			run = health.run || null;
			document.body.classList.toggle("run", !!run);
			if (run)
				say(byId("no-sessions"), "No session is open.");
			else
				await loadKinds();
			break;
		} catch (e) {
			live(false);
			await pauseFor(1000);
		}
	}
	if (!run)
		setUpCaptures(trouble, lookSeldom);
	runJournal(pauseFor);
	await Promise.all([repeat(lookOften, OFTEN), repeat(lookSeldom, SELDOM)]);
	awaitNext();
}

begin();
