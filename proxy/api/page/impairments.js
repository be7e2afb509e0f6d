// impairments.js - a list of impairments with switches and sliders, and the form that adds one. A
// change is the whole list, which wedge takes or refuses; what it refuses is said, and taken back.

import { ask } from "./api.js";
import { byId, el, reconcile, say } from "./dom.js";
import { at, hasSlider, parse, place, write } from "./units.js";

const NOT_HERE = new Set(["on", "host", "name", "session", "enabled"]);
let kinds = null;

export async function loadKinds() {
	kinds ??= await ask("GET", "/impairments");
	return kinds;
}

const kindOf = (name) => kinds && kinds.kinds.find((k) => k.name === name);

// As the API takes it, with a parameter changed.
export function define(i, changes) {
	return { [i.kind]: given({ ...i.parameters, ...changes }) };
}

// An empty text is one that isn't given.
export const given = (parameters) => Object.fromEntries(Object.entries(parameters).filter(([, v]) => v !== ""));

function controls(row, value, change, id) {
	const label = row.name.replace(/_/g, " ");
	const help = row.help + (row.default ? ` (default: ${row.default})` : "");
	if (row.type === "flag") {
		const box = el("input", { type: "checkbox", id, title: help, onchange: () => change(box.checked ? "true" : "false") });
		box.checked = value === "true";
		return { label, field: box, set: (v) => { box.checked = v === "true"; }, get: () => (box.checked ? "true" : "false") };
	}
	if (row.type === "enum") {
		const choice = el("select", { id, title: help, onchange: () => change(choice.value) }, ...row.choices.map((c) => el("option", {}, c)));
		choice.value = value;
		return { label, field: choice, set: (v) => { choice.value = v; }, get: () => choice.value };
	}
	const text = el("input", { type: "text", id, title: help, spellcheck: "false", autocomplete: "off", value,
		onchange: () => { set(text.value); change(text.value); } });
	let slider = null;
	const set = (v) => {
		text.value = v;
		if (slider && parse(row.type, v) !== null)
			slider.value = place(row.type, parse(row.type, v));
	};
	if (hasSlider(row.type)) {
		slider = el("input", { type: "range", min: "0", max: "1000", step: "1", title: help, "aria-label": label,
			oninput: () => {
				text.value = write(row.type, at(row.type, Number(slider.value)));
				slider.setAttribute("aria-valuetext", text.value);
			},
			onchange: () => change(text.value) });
		set(value);
	}
	const field = slider ? el("span", { class: "slide" }, slider, text) : text;
	return { label, field, set, get: () => text.value, busy: () => document.activeElement === text || document.activeElement === slider };
}

// The rows of an impairment's parameters: first those of its kind, then the others that it has.
function rowsOf(i) {
	const kind = kindOf(i.kind);
	if (!kind)
		return [];
	const own = kind.parameters, names = new Set(own.map((p) => p.name));
	const common = kinds.common.filter((p) => !NOT_HERE.has(p.name) && !names.has(p.name) &&
		(i.parameters[p.name] !== undefined || (p.name === "direction" && kind.directed)));
	return [...common.filter((p) => p.name === "direction"), ...own, ...common.filter((p) => p.name !== "direction")];
}

function acted(i) {
	if (i.sessions)
		return `acted on ${i.acted} of ${i.sessions} ${i.sessions === 1 ? "session" : "sessions"}`;
	return i.acted ? `acted on ${i.acted} that ${i.acted === 1 ? "was" : "were"} open` : "no session yet";
}

let ids = 0;

function makeItem(i, act) {
	const id = "impairment-" + ++ids;
	const on = el("input", { type: "checkbox", role: "switch", class: "switch", "aria-label": i.name + " is on",
		onchange: () => act.change(item, { enabled: on.checked ? "true" : "false" }) });
	const count = el("span", { class: "faint" });
	const grid = el("div", { class: "parameters" }), rest = el("div", { class: "parameters" });
	const refused = el("p", { class: "refused", role: "alert", hidden: true });
	const summary = kindOf(i.kind)?.summary || "";
	const item = el("div", { class: "impairment" },
		el("div", { class: "line" }, on, el("span", { class: "title", title: summary }, i.name), count,
			el("button", { type: "button", class: "small", "aria-label": "Remove " + i.name, onclick: () => act.remove(item) }, "Remove")),
		grid, refused);
	const fields = new Map(), rows = rowsOf(i);
	const isPlain = (row) => row.name !== "direction" && !row.required && (i.parameters[row.name] ?? "") === (row.default ?? "");
	const shown = rows.filter((row) => !isPlain(row));
	if (!shown.some((row) => row.name !== "direction") && rows.length > shown.length)
		shown.push(rows.find(isPlain));
	for (const row of rows) {
		const c = controls(row, i.parameters[row.name] ?? row.default ?? "", (v) => act.change(item, { [row.name]: v }), id + row.name);
		c.usual = row.default ?? "";
		fields.set(row.name, c);
		(shown.includes(row) ? grid : rest).append(el("label", { for: id + row.name }, c.label), c.field);
	}
	if (rest.children.length)
		grid.after(el("details", {}, el("summary", {}, "More"), rest));
	item.parts = { on, count, fields, refused };
	return item;
}

function updateItem(item, i, fixed) {
	const { on, count, fields } = item.parts;
	item.impairment = i;
	on.checked = i.parameters.enabled !== "false";
	say(count, acted(i));
	for (const [name, c] of fields)
		if (!(c.busy && c.busy()))
			c.set(i.parameters[name] ?? c.usual);
	for (const control of item.querySelectorAll("input, select, button"))
		control.disabled = fixed;
	item.classList.toggle("off", !on.checked);
}

// Shows list in box. definition(i) is one as it is asked for; put(definitions) asks for all of them.
// fixed(i): it isn't this API's to change.
export function edit(box, list, definition, put, fixed = () => false) {
	const mine = () => [...box.children].map((c) => c.impairment).filter((i) => !fixed(i));
	const attempt = async (item, definitions) => {
		const { refused } = item.parts;
		refused.hidden = true;
		try {
			await put(definitions);
		} catch (e) {
			refused.hidden = false;
			say(refused, e.message);
			document.activeElement?.blur?.();
			updateItem(item, item.impairment, false);
		}
	};
	box.act = {
		change: (item, changes) => attempt(item, mine().map((i) => {
			const d = definition(i);
			return i === item.impairment ? { [i.kind]: given({ ...d[i.kind], ...changes }) } : d;
		})),
		remove: (item) => attempt(item, mine().filter((i) => i !== item.impairment).map(definition)),
	};
	const shape = (i) => i.name + " " + rowsOf(i).map((r) => r.name).join(",");
	reconcile(box, list, shape, (i) => makeItem(i, { change: (...a) => box.act.change(...a), remove: (...a) => box.act.remove(...a) }),
		(item, i) => updateItem(item, i, fixed(i)));
}

// The parameters of an example, "stall{after=10KB,for=30s}"; none of ours has a quoted one.
function readExample(text) {
	const inside = text.slice(text.indexOf("{") + 1, -1);
	return Object.fromEntries(inside.split(",").filter((p) => p).map((p) => p.split(/=(.*)/s).slice(0, 2)));
}

function formFields(kind, box) {
	const given = readExample(kind.example), fields = new Map();
	const names = new Set(kind.parameters.map((p) => p.name));
	const common = kinds.common.filter((p) => !names.has(p.name) && !NOT_HERE.has(p.name) && (p.name !== "direction" || kind.directed));
	const first = [...common.filter((p) => p.name === "direction"), ...kind.parameters, ...common.filter((p) => given[p.name] !== undefined && p.name !== "direction")];
	const grid = (rows) => {
		const g = el("div", { class: "parameters" });
		for (const row of rows) {
			const field = controls(row, given[row.name] ?? row.default ?? "", () => {}, "form-" + row.name);
			field.was = row.default ?? "";
			field.given = given[row.name] !== undefined;
			fields.set(row.name, field);
			g.append(el("label", { for: "form-" + row.name }, field.label), field.field);
		}
		return g;
	};
	box.replaceChildren(grid(first), el("details", {}, el("summary", {}, "When, and on whom"), grid(common.filter((p) => !first.includes(p)))));
	return fields;
}

// Opens the form; add(definition) may throw what is to be said in it.
export async function openForm(title, add) {
	const { kinds: all } = await loadKinds();
	if (!all.length) {
		say(byId("trouble"), "This wedge was built without impairments.");
		byId("trouble").hidden = false;
		return;
	}
	const dialog = byId("add-dialog");
	const kind = el("select", { id: "form-kind" });
	const words = { bytes: "Bytes of a session", packets: "Packets (needs rights over the network)", clients: "Clients as they connect" };
	for (const [plane, label] of Object.entries(words))
		kind.append(el("optgroup", { label }, ...kinds.kinds.filter((k) => k.acts_on === plane).map((k) => el("option", {}, k.name))));
	const summary = el("p", { class: "faint" }), fieldset = el("div", { class: "fields" });
	const refused = el("p", { class: "refused", role: "alert", hidden: true });
	let fields = new Map();
	const choose = () => {
		const k = kindOf(kind.value);
		say(summary, k.summary);
		fields = formFields(k, fieldset);
	};
	kind.addEventListener("change", choose);
	const submit = async (event) => {
		event.preventDefault();
		const parameters = {};
		for (const [name, f] of fields)
			if (f.get() !== "" && (f.given || f.get() !== f.was))
				parameters[name] = f.get();
		try {
			await add({ [kind.value]: parameters });
			dialog.close();
		} catch (e) {
			refused.hidden = false;
			say(refused, e.message);
		}
	};
	dialog.replaceChildren(el("form", { onsubmit: submit }, el("h2", { id: "add-title" }, title),
		el("div", { class: "parameters" }, el("label", { for: "form-kind" }, "kind"), kind), summary, fieldset, refused,
		el("div", { class: "buttons" }, el("button", { type: "button", onclick: () => dialog.close() }, "Cancel"),
			el("button", { type: "submit", class: "primary" }, "Add"))));
	choose();
	dialog.showModal();
}
