import { el } from '../dom.js';

const STEPS = ['Offer', 'Accepted', 'Contract', 'Invoice', 'Gateway', 'Paid'];

/** The road of a payment with the place where it stands: everything before `step` is done. */
export const road = (step) =>
  el(
    'ol',
    { class: 'road', 'aria-label': 'The road of a payment' },
    STEPS.map((name, index) =>
      el(
        'li',
        { class: index < step ? 'done' : '', 'aria-current': index === step ? 'step' : undefined },
        name,
      ),
    ),
  );

export const badge = (status) => el('span', { class: `badge ${status}` }, status);

export const table = (heads, rows) =>
  el(
    'table',
    {},
    el(
      'thead',
      {},
      el(
        'tr',
        {},
        heads.map((head) => el('th', {}, head)),
      ),
    ),
    el('tbody', {}, rows),
  );

export const row = (...cells) =>
  el(
    'tr',
    {},
    cells.map((cell) => (cell instanceof HTMLTableCellElement ? cell : el('td', {}, cell))),
  );

export const moneyCell = (text) => el('td', { class: 'money' }, text);
