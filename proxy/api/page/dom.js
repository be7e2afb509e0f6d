// dom.js - makes elements. Texts from the network only ever become text nodes.

const SVG = "http://www.w3.org/2000/svg";

function fill(element, attributes, children) {
	for (const [name, value] of Object.entries(attributes || {})) {
		if (name.startsWith("on"))
			element.addEventListener(name.slice(2), value);
		else if (value === true)
			element.setAttribute(name, "");
		else if (value !== false && value !== null && value !== undefined)
			element.setAttribute(name, value);
	}
	element.append(...children.filter((c) => c !== null && c !== undefined && c !== false));
	return element;
}

export function el(tag, attributes, ...children) {
	return fill(document.createElement(tag), attributes, children);
}

export function svg(tag, attributes, ...children) {
	return fill(document.createElementNS(SVG, tag), attributes, children);
}

export const byId = (id) => document.getElementById(id);

// Sets a text only where it differs, so that a selection and a screen reader stay.
export function say(element, text) {
	if (element.textContent !== text)
		element.textContent = text;
}

export function mark(element, name, on) {
	if (element.classList.contains(name) !== !!on)
		element.classList.toggle(name, !!on);
}

// Makes the children of parent those of items, in their order: those whose key is known stay.
export function reconcile(parent, items, keyOf, make, update) {
	const old = new Map();
	for (const child of [...parent.children])
		old.set(child.dataset.key, child);
	let before = null;
	for (const item of items) {
		const key = String(keyOf(item));
		let child = old.get(key);
		if (!child) {
			child = make(item);
			child.dataset.key = key;
		}
		old.delete(key);
		update(child, item);
		const next = before ? before.nextSibling : parent.firstChild;
		if (child !== next)
			parent.insertBefore(child, next);
		before = child;
	}
	for (const child of old.values())
		child.remove();
}
