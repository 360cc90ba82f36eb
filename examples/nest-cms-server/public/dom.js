/** Makes an element: text goes in as text, so nothing that a server sends is ever read as HTML. */
export function el(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined || value === false) continue;
    if (name.startsWith('on')) node.addEventListener(name.slice(2), value);
    else node.setAttribute(name, value === true ? '' : value);
  }
  node.append(...children.flat().filter((child) => child !== undefined && child !== null));
  return node;
}

export const field = (label, input) => el('label', {}, el('span', {}, label), input);

/** A form whose button waits for the answer, so that a double click sends one request. */
export function form({ title, fields, submit, onsubmit }) {
  const button = el('button', { type: 'submit' }, submit);
  return el(
    'form',
    {
      class: 'card',
      onsubmit: async (event) => {
        event.preventDefault();
        button.disabled = true;
        try {
          await onsubmit(Object.fromEntries(new FormData(event.target)));
        } finally {
          button.disabled = false;
        }
      },
    },
    title ? el('h2', {}, title) : undefined,
    fields,
    button,
  );
}

/** A button whose action runs once at a time. */
export function action(label, run, attributes = {}) {
  const button = el('button', { type: 'button', ...attributes }, label);
  button.addEventListener('click', async () => {
    button.disabled = true;
    try {
      await run();
    } finally {
      button.disabled = false;
    }
  });
  return button;
}
