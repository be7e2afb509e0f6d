// proxies.js - the proxies, with what acts on all their sessions.

import { ask } from "./api.js";
import { byId, el, reconcile, say } from "./dom.js";
import { define, edit, openForm } from "./impairments.js";

const pathOf = (name) => "/proxies/" + encodeURIComponent(name);
let changed = () => {};

function where(p) {
	const to = p.server || p.upstream;
	return [p.listen || p.takes, to].filter((t) => t).join(" → ");
}

// Toxics are their clients' to change, and what is one session's is shown with it.
const isFixed = (i) => i.origin === "toxic";
const isShown = (i) => i.parameters.session === undefined;

async function put(name, definitions) {
	await ask("PUT", pathOf(name) + "/impairments", { impairments: definitions });
	await changed();
}

function makeProxy(p) {
	const place = el("p", { class: "place" }), mode = el("span", { class: "chip" }), note = el("span", { class: "faint" });
	const list = el("div", { class: "impairments" });
	const none = el("p", { class: "empty" }, "Nothing is impaired: it forwards faithfully.");
	const add = el("button", { type: "button", class: "small", onclick: () => openForm("Impair " + p.name, async (definition) => {
		const now = (await ask("GET", pathOf(p.name))).impairments.filter((i) => isShown(i) && !isFixed(i));
		await put(p.name, [...now.map((i) => define(i, {})), definition]);
	}) }, "Add impairment");
	const box = el("article", { class: "proxy", "aria-label": "Proxy " + p.name },
		el("div", { class: "line" }, el("h3", {}, p.name), mode, note, add), place, list, none);
	box.parts = { place, mode, note, list, none };
	return box;
}

export function showProxies(answer, stats, refresh) {
	changed = refresh;
	reconcile(byId("proxy-list"), answer.proxies, (p) => p.mode + " " + p.name, makeProxy, (box, p) => {
		const { place, mode, note, list, none } = box.parts;
		const s = stats && stats.proxies.find((x) => x.name === p.name && x.mode === p.mode);
		const shown = p.impairments.filter(isShown);
		say(place, where(p));
		say(mode, p.enabled ? p.mode : p.mode + ", disabled");
		say(note, s ? `${s.sessions_open} open, ${s.sessions_begun} so far` : "");
		edit(list, shown, (i) => define(i, {}), (definitions) => put(p.name, definitions), isFixed);
		none.hidden = shown.length > 0;
	});
	byId("no-proxies").hidden = answer.proxies.length > 0;
}

export function openProxyForm() {
	const dialog = byId("add-dialog");
	const field = (name, hint) => el("input", { type: "text", id: "proxy-" + name, placeholder: hint, required: true, spellcheck: "false", autocomplete: "off" });
	const name = field("name", "web"), listen = field("listen", "127.0.0.1:8080"), upstream = field("upstream", "www.example.org:80");
	const refused = el("p", { class: "refused", role: "alert", hidden: true });
	const submit = async (event) => {
		event.preventDefault();
		try {
			await ask("PUT", pathOf(name.value), { name: name.value, listen: listen.value, upstream: upstream.value });
			await changed();
			dialog.close();
		} catch (e) {
			refused.hidden = false;
			say(refused, e.message);
		}
	};
	dialog.replaceChildren(el("form", { onsubmit: submit }, el("h2", { id: "add-title" }, "Add a proxy"),
		el("div", { class: "parameters" },
			el("label", { for: "proxy-name" }, "name"), name,
			el("label", { for: "proxy-listen" }, "listens on"), listen,
			el("label", { for: "proxy-upstream" }, "leads to"), upstream),
		refused,
		el("div", { class: "buttons" }, el("button", { type: "button", onclick: () => dialog.close() }, "Cancel"),
			el("button", { type: "submit", class: "primary" }, "Add"))));
	dialog.showModal();
}
