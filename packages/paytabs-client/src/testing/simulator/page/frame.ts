import { createHash } from 'node:crypto';
import { type Language, textsOf } from './texts.js';

const style = `
body{font:16px/1.5 system-ui,sans-serif;margin:0;background:#f3f5f7;color:#1c2733}
main{max-width:26rem;margin:2rem auto;padding:1.5rem;background:#fff;border:1px solid #d5dce3;border-radius:.5rem}
h1{font-size:1.25rem;margin:0 0 .25rem}
.note{background:#fff7dc;border:1px solid #e6d48a;padding:.5rem .75rem;border-radius:.25rem;font-size:.875rem}
.amount{font-size:1.75rem;margin:.5rem 0}
label{display:block;margin:.75rem 0 .25rem;font-size:.875rem}
input{font:inherit;padding:.5rem;width:100%;box-sizing:border-box;border:1px solid #9aa7b4;border-radius:.25rem}
input[type=checkbox]{width:auto;margin-inline-end:.5rem}
.row{display:flex;gap:.75rem}.row>div{flex:1}
button{font:inherit;padding:.6rem 1rem;margin-top:1rem;border-radius:.25rem;border:1px solid #1f5fa8;background:#1f5fa8;color:#fff;cursor:pointer}
button.plain{background:#fff;color:#1f5fa8}
table{border-collapse:collapse;font-size:.8125rem;margin-top:1rem;width:100%}
th,td{text-align:start;padding:.25rem .5rem;border-top:1px solid #e3e8ed}
nav{text-align:end;font-size:.875rem}
.problem{color:#a3261b}`;

/** Sends the return form at once; the button beneath is for browsers without scripts. */
export const script = `document.getElementById('return').submit();`;

const hash = (text: string) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
const [styleHash, scriptHash] = [hash(style), hash(script)];

/**
 * Nothing from elsewhere, no script but the one above. Forms go to the page itself; on the last page to the
 * merchant, whose own redirects browsers check against this list too.
 */
const policy = (formTargets: string, framed: boolean): string =>
  [
    "default-src 'none'",
    `style-src ${styleHash}`,
    `script-src ${scriptHash}`,
    `form-action ${formTargets}`,
    "base-uri 'none'",
    `frame-ancestors ${framed ? 'http: https:' : "'none'"}`,
  ].join('; ');

/** A page and its content security policy. */
export interface Rendered {
  readonly html: string;
  readonly policy: string;
}

const escapes: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

export const encode = (text: string) =>
  text.replace(/[&<>"']/g, (letter) => escapes[letter] ?? letter);

export const hidden = (fields: Readonly<Record<string, string>>) =>
  Object.entries(fields)
    .map(([name, value]) => `<input type="hidden" name="${encode(name)}" value="${encode(value)}">`)
    .join('');

/** A whole page in one language. */
export const frame = (
  title: string,
  content: string,
  {
    language,
    formTargets = "'self'",
    framed = false,
  }: { language: Language; formTargets?: string; framed?: boolean },
): Rendered => ({
  html: `<!doctype html>
<html lang="${language}" dir="${textsOf(language).direction}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">
<title>${encode(title)}</title><style>${style}</style></head>
<body><main><h1>${encode(title)}</h1>${content}</main></body></html>
`,
  policy: policy(formTargets, framed),
});
