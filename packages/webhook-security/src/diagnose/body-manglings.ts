/** What may have been done to a body on its way, undone. */
export interface BodyMangling {
  /** What must have happened for this to fit. */
  readonly what: string;
  readonly undo: (body: Buffer) => Buffer | undefined;
}

const BOM = Buffer.from([0xef, 0xbb, 0xbf]);

const byText =
  (change: (text: string) => string): BodyMangling['undo'] =>
  (body) =>
    Buffer.from(change(body.toString('utf8')), 'utf8');

const byJson =
  (write: (value: unknown) => string): BodyMangling['undo'] =>
  (body) => {
    try {
      return Buffer.from(write(JSON.parse(body.toString('utf8'))), 'utf8');
    } catch {
      return undefined;
    }
  };

/** Non-ASCII as escapes, as Python writes it. */
const escaped = (text: string) =>
  text.replaceAll(
    /[\u0080-\uffff]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );

/** As Go writes it, PayTabs among them. */
const escapedForHtml = (text: string) =>
  text.replaceAll(
    /[<>&\u2028\u2029]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );

/** With a space behind colons and commas, outside of strings. */
const spaced = (value: unknown): string =>
  JSON.stringify(value, undefined, 1)
    .replaceAll(/\n\s*/g, ' ')
    .replaceAll(/([[{]) | ([\]}])/g, '$1$2');

export const BODY_MANGLINGS: readonly BodyMangling[] = [
  { what: 'nothing: the body is as it was signed', undo: (body) => body },
  // What happened at the ends is told first: to parse and write anew mends some of it too.
  {
    what: 'a byte-order mark was put before the body',
    undo: (body) => (body.subarray(0, 3).equals(BOM) ? body.subarray(3) : undefined),
  },
  { what: 'a byte-order mark was taken off the body', undo: (body) => Buffer.concat([BOM, body]) },
  {
    what: 'a newline was put behind the body',
    undo: (body) => (body.at(-1) === 10 ? body.subarray(0, -1) : undefined),
  },
  {
    what: 'a newline behind the body was taken off',
    undo: (body) => Buffer.concat([body, Buffer.from('\n')]),
  },
  { what: 'white space around the body was put there', undo: byText((text) => text.trim()) },
  {
    what: 'the body was parsed and written anew; it was compact JSON',
    undo: byJson((value) => JSON.stringify(value)),
  },
  {
    what: 'the body was parsed and written anew; it was JSON indented by two spaces',
    undo: byJson((value) => JSON.stringify(value, undefined, 2)),
  },
  {
    what: 'the body was parsed and written anew; it was JSON indented by four spaces',
    undo: byJson((value) => JSON.stringify(value, undefined, 4)),
  },
  {
    what: 'the body was parsed and written anew; it was JSON with spaces behind colons and commas',
    undo: byJson(spaced),
  },
  {
    what: 'the body was parsed and written anew; it was JSON with escapes for all but ASCII',
    undo: byJson((value) => escaped(JSON.stringify(value))),
  },
  {
    what: 'the body was parsed and written anew; it was JSON with escaped slashes',
    undo: byJson((value) => JSON.stringify(value).replaceAll('/', '\\/')),
  },
  {
    what: 'the body was parsed and written anew; it was JSON with escaped slashes and all but ASCII, as PHP writes it',
    undo: byJson((value) => escaped(JSON.stringify(value)).replaceAll('/', '\\/')),
  },
  {
    what: 'the body was parsed and written anew; it was JSON with escapes for <, > and &, as Go writes it',
    undo: byJson((value) => escapedForHtml(JSON.stringify(value))),
  },
  { what: 'line ends became CRLF', undo: byText((text) => text.replaceAll('\r\n', '\n')) },
  { what: 'line ends became LF', undo: byText((text) => text.replaceAll('\n', '\r\n')) },
  {
    what: 'UTF-8 was read as Latin-1 and written as UTF-8 again',
    undo: (body) => Buffer.from(body.toString('utf8'), 'latin1'),
  },
  {
    what: 'the text was written as Latin-1 in place of UTF-8',
    undo: (body) => Buffer.from(body.toString('latin1'), 'utf8'),
  },
  {
    what: 'the body is still in base64',
    undo: (body) => Buffer.from(body.toString('latin1'), 'base64'),
  },
  { what: 'the body was lost', undo: () => Buffer.alloc(0) },
];
