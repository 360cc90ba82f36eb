/** A body that is measured, under the name of its size. */
export interface Body {
  readonly name: string;
  readonly bytes: Buffer;
}

const KB = 1024;

const ASCII = ['opened', 'Fix the order of the lines', 'main', 'https://example.com/items/'];
const OTHER = ['تم الدفع', 'Größe geändert – prüfen', '支付完成', 'https://example.com/товары/'];

/** JSON such as senders send, of exactly so many bytes. */
const jsonOf = (length: number, words: readonly string[]): Buffer => {
  const items: unknown[] = [];
  const write = (rest: string) => Buffer.from(JSON.stringify({ id: 4711, items, rest }));
  let written = write('').length;
  for (;;) {
    const item = {
      number: items.length,
      done: items.length % 2 === 0,
      text: words[items.length % words.length],
    };
    // With the comma behind it.
    written += Buffer.byteLength(JSON.stringify(item)) + 1;
    if (written > length) break;
    items.push(item);
  }
  return write('x'.repeat(length - write('').length));
};

export const ONE_KB: Body = { name: '1 KB', bytes: jsonOf(KB, ASCII) };
export const ONE_MB: Body = { name: '1 MB', bytes: jsonOf(KB * KB, ASCII) };

export const BODIES: readonly Body[] = [
  { name: '256 B', bytes: jsonOf(256, ASCII) },
  ONE_KB,
  { name: '16 KB', bytes: jsonOf(16 * KB, ASCII) },
  ONE_MB,
  { name: '1 KB, not ASCII', bytes: jsonOf(KB, OTHER) },
];
