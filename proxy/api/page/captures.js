// captures.js - one button that starts a capture, stops it, and gives its file to whoever looks at
// captures: Wireshark opens what is downloaded.

import { ask, fetchFile } from "./api.js";
import { byId, el, reconcile, say } from "./dom.js";
import { bytes, seconds } from "./units.js";

let trouble = () => {}, refresh = () => {};
let current = null; // the capture that this page has stopped, until its file is there
let button = null, list = null;

async function attempt(work) {
	trouble("");
	try {
		await work();
	} catch (e) {
		trouble(e.message);
	}
	await refresh();
}

const legOf = (file) => (file.leg === "both" ? "" : "?leg=" + file.leg);

async function download(capture, file) {
	const blob = await fetchFile(`/captures/${capture}/file${legOf(file)}`);
	const a = el("a", { href: URL.createObjectURL(blob), download: `wedge-${capture}${file.leg === "both" ? "" : "-" + file.leg}.pcapng` });
	document.body.append(a);
	a.click();
	a.remove();
	setTimeout(() => URL.revokeObjectURL(a.href), 60000);
}

function press() {
	const running = button.running;
	button.disabled = true;
	if (running)
		attempt(async () => {
			await ask("PUT", "/captures/" + running, { state: "written" });
			current = running;
		});
	else
		attempt(() => ask("POST", "/captures"));
}

export function setUpCaptures(onTrouble, again) {
	trouble = onTrouble;
	refresh = again;
	button = el("button", { type: "button", id: "capture-button", class: "primary", onclick: press }, "Start capture");
	list = el("ul", { id: "capture-list", class: "files", "aria-label": "Captures" });
	byId("capture").append(button);
	byId("captures").append(list);
}

function makeFile(c) {
	const text = el("span", {}), files = el("span", { class: "buttons" });
	const item = el("li", {}, text, files);
	item.parts = { text, files };
	return item;
}

function updateFile(item, c) {
	const { text, files } = item.parts;
	say(text, `Capture ${c.capture}: ` + (c.told ? c.told.replace(/^capture\.pcapng: /, "") : c.why || c.state) + (c.told && c.why ? " (" + c.why + ")" : ""));
	reconcile(files, [...c.files, { leg: "remove" }], (f) => f.leg, (f) => f.leg === "remove"
		? el("button", { type: "button", class: "small", "aria-label": "Remove capture " + c.capture, onclick: () => attempt(() => ask("DELETE", "/captures/" + c.capture)) }, "Remove")
		: el("button", { type: "button", class: "small", onclick: () => attempt(() => download(c.capture, f)) },
			(f.leg === "both" ? "Download " : f.leg + " leg ") + bytes(f.bytes)),
	() => {});
}

export function showCaptures(answer) {
	const active = answer.captures.find((c) => ["starting", "running"].includes(c.state));
	const writing = answer.captures.some((c) => c.state === "writing");
	button.running = active && active.state === "running" ? active.capture : 0;
	button.disabled = (active && active.state === "starting") || writing;
	button.classList.toggle("recording", !!button.running);
	say(button, active ? (active.state === "starting" ? "Capture starts …" : "Stop capture, " + seconds(Math.max(0, Math.round(Date.now() / 1000 - active.began))))
		: writing ? "Capture is written …" : "Start capture");
	const over = answer.captures.filter((c) => ["written", "failed"].includes(c.state));
	reconcile(list, over, (c) => c.capture, makeFile, updateFile);
	const done = over.find((c) => c.capture === current);
	if (done) {
		current = null;
		if (done.files.length)
			attempt(() => download(done.capture, done.files[0]));
	}
}
