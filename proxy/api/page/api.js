// api.js - wedge's own API (docs/api.md), with the token where one is asked for.

import { byId } from "./dom.js";

const ROOT = "/wedge/v1";
const KEY = "wedge-token";
let asking = null;

// What wedge has refused, in its words.
export class Problem extends Error {
	constructor(status, detail) {
		super(detail);
		this.status = status;
	}
}

function askToken() {
	const dialog = byId("token-dialog");
	asking ??= new Promise((resolve) => {
		dialog.addEventListener("close", () => {
			sessionStorage.setItem(KEY, byId("token").value.trim());
			byId("token").value = "";
			asking = null;
			resolve();
		}, { once: true });
		dialog.showModal();
	});
	return asking;
}

// A wrong token is asked for again; who closes the dialog is asked at once again.
async function request(method, path, body) {
	for (;;) {
		const token = sessionStorage.getItem(KEY);
		const headers = token ? { Authorization: "Bearer " + token } : {};
		const answer = await fetch(ROOT + path, { method, headers, cache: "no-store", body: body === undefined ? undefined : JSON.stringify(body) });
		if (answer.status !== 401)
			return answer;
		await askToken();
	}
}

async function refuse(answer) {
	const text = await answer.text();
	let detail = text.trim() || "status " + answer.status;
	try {
		detail = JSON.parse(text).detail || detail;
	} catch {
		// no problem document: the text as it is
	}
	throw new Problem(answer.status, detail);
}

export async function ask(method, path, body) {
	const answer = await request(method, path, body);
	if (!answer.ok)
		await refuse(answer);
	return answer.status === 204 ? null : answer.json();
}

export async function fetchFile(path) {
	const answer = await request("GET", path);
	if (!answer.ok)
		await refuse(answer);
	return answer.blob();
}

// Calls each(data, event) for every server-sent event until the stream ends.
export async function follow(path, each) {
	const answer = await request("GET", path);
	if (!answer.ok)
		await refuse(answer);
	const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
	let rest = "";
	for (;;) {
		const { done, value } = await reader.read();
		if (done)
			return;
		rest += value;
		const events = rest.split("\n\n");
		rest = events.pop();
		for (const event of events) {
			let name = "message", data = "";
			for (const line of event.split("\n")) {
				if (line.startsWith("event: "))
					name = line.slice(7);
				else if (line.startsWith("data: "))
					data += line.slice(6);
			}
			if (data)
				each(data, name);
		}
	}
}
