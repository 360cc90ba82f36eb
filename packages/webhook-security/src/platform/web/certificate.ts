import type { Certificate } from '../platform.js';
import { readBytes } from './bytes.js';
import { DER, type DerValue, readDer, readDerList } from './der.js';
import { readPem } from './pem.js';

/** Of the fields that every certificate has, in their order, those that matter here. */
const VALIDITY = 3;
const PUBLIC_KEY = 5;

/** The tag of the version, which old certificates leave out. */
const VERSION = 0xa0;

export function readCertificate(pem: string): Certificate {
  const block = readPem(pem);
  const found = block?.label === 'CERTIFICATE' ? certificateOf(block.bytes) : undefined;
  if (found === undefined) throw new TypeError('no certificate');
  return found;
}

/** What is in a certificate; undefined where it is none. Its signature is not looked at. */
export function certificateOf(der: Uint8Array): Certificate | undefined {
  const [signed] = readDerList(der) ?? [];
  const all = signed?.tag === DER.list ? (readDer(signed.content) ?? []) : [];
  const fields = all[0]?.tag === VERSION ? all.slice(1) : all;
  const publicKey = fields[PUBLIC_KEY];
  const [from, to] = (readDer(fields[VALIDITY]?.content ?? new Uint8Array()) ?? []).map(readTime);
  if (publicKey?.tag !== DER.list || from === undefined || to === undefined) return undefined;
  return { publicKey: publicKey.whole, validFrom: from, validTo: to };
}

/** `YYMMDDhhmmssZ`, or the same with the whole year. */
function readTime({ tag, content }: DerValue): number | undefined {
  const text = readBytes(content);
  const isShort = tag === DER.utcTime;
  if (!isShort && tag !== DER.time) return undefined;
  // Two digits stand for 1950 to 2049.
  const whole = isShort ? `${text < '5' ? '20' : '19'}${text}` : text;
  const parts = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z$/.exec(whole)?.slice(1).map(Number);
  if (parts === undefined) return undefined;
  const [year, month, ...rest] = parts as [number, number, number, number, number, number];
  return Date.UTC(year, month - 1, ...rest);
}
