import { jsonNumber } from '../../gateway/json.js';
import { UsageError } from '../usage-error.js';

/** One field that is to have another value. */
export interface Override {
  readonly path: readonly string[];
  readonly value: unknown;
}

const form = /^([^=]+?)(:?=)([\s\S]*)$/;

/** Reads `payment_result.response_code=401`, a text, or `invoice_id:=77`, JSON. @throws UsageError */
export function readOverride(text: string): Override {
  const [, name = '', sign, value = ''] = form.exec(text) ?? [];
  if (sign === undefined) throw new UsageError(`--set ${text}: write field=text or field:=json`);
  return { path: name.split('.'), value: sign === '=' ? value : readJson(name, value) };
}

function readJson(name: string, text: string): unknown {
  // Digits stay as they are written: 149.50 is sent as 149.50.
  if (/^-?\d+(\.\d+)?$/.test(text)) return jsonNumber(text);
  try {
    return JSON.parse(text);
  } catch {
    throw new UsageError(`--set ${name}:= must be JSON; for a text write ${name}=`);
  }
}

type Fields = Readonly<Record<string, unknown>>;

const isObject = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The object with that field set; objects on the way are made where they are missing. */
export function setField(fields: Fields, { path, value }: Override): Fields {
  const [name = '', ...rest] = path;
  if (rest.length === 0) return { ...fields, [name]: value };
  const inner = Object.hasOwn(fields, name) ? fields[name] : undefined;
  return { ...fields, [name]: setField(isObject(inner) ? inner : {}, { path: rest, value }) };
}
