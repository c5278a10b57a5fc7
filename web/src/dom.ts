// Making elements without markup text: what a user or a program wrote can only ever become a text node.

type Attributes = Record<string, string | boolean | undefined>;
type Child = Node | string;

export function el<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Attributes = {},
  ...children: Child[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined || value === false) continue;
    element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children);
  return element;
}

export function button(label: string, attributes: Attributes, pressed: () => void): HTMLButtonElement {
  const element = el("button", { type: "button", ...attributes }, label);
  element.addEventListener("click", pressed);
  return element;
}

/** Sets the text only when it differs, so that screen readers and selections are left alone. */
export function setText(element: Element, text: string): void {
  if (element.textContent !== text) element.textContent = text;
}

/** Like `setText`, with what stands between backticks set as code. */
export function setProse(element: HTMLElement, text: string): void {
  if (element.dataset["prose"] === text) return;
  element.dataset["prose"] = text;
  element.replaceChildren(
    ...text.split("`").map((piece, index) => (index % 2 === 0 ? piece : el("code", {}, piece))),
  );
}

export function show(element: HTMLElement, visible: boolean): void {
  element.hidden = !visible;
}

/** A function that draws only when its input changed; states are immutable, so identity is enough. */
export function whenChanged<T>(draw: (value: T) => void): (value: T) => void {
  let drawn = false;
  let last: T;
  return (value) => {
    if (drawn && Object.is(last, value)) return;
    drawn = true;
    last = value;
    draw(value);
  };
}

/** Brings the children of `list` to match `items`: keeps the element of a known key, makes and removes the others. */
export function keyed<T>(
  list: HTMLElement,
  items: readonly T[],
  keyOf: (item: T) => string,
  make: (item: T) => HTMLElement,
): void {
  const existing = new Map<string, HTMLElement>();
  for (const child of Array.from(list.children) as HTMLElement[])
    existing.set(child.dataset["key"] ?? "", child);
  let cursor: Element | null = list.firstElementChild;
  for (const item of items) {
    const key = keyOf(item);
    let element = existing.get(key);
    if (element === undefined) {
      element = make(item);
      element.dataset["key"] = key;
    } else {
      existing.delete(key);
    }
    if (element === cursor) cursor = cursor.nextElementSibling;
    else list.insertBefore(element, cursor);
  }
  for (const left of existing.values()) left.remove();
}
