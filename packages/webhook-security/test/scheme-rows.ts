import type { SignatureVersion, WebhookScheme } from '../src/index.js';

const algorithmNames: Readonly<Record<string, string>> = {
  'hmac-sha256': 'HMAC-SHA256',
  'hmac-sha512': 'HMAC-SHA512',
  'hmac-sha1': 'HMAC-SHA1',
  ed25519: 'Ed25519',
  'ecdsa-p256-sha256': 'ECDSA P-256',
  'rsa-sha256': 'RSA-SHA256',
  token: 'none: a token',
};

const code = (text: string) => `\`${text}\``;

/** A preset as the table of the README has it, cell by cell. */
export function schemeRow(name: string, scheme: WebhookScheme): readonly string[] {
  return [
    code(`${name}()`),
    carrier(scheme),
    scheme.versions.map(algorithm).join('; '),
    time(scheme),
    handshake(scheme),
    scheme.versions.map(keyFormat).join('; '),
    needs(scheme),
  ];
}

function carrier({ signature }: WebhookScheme): string {
  if (signature.kind === 'header') return code(signature.name);
  if (signature.kind === 'field') return `form field ${code(signature.name)}`;
  return `in the body: ${code(signature.path.at(-1) as string)}`;
}

function algorithm({ algorithm, encoding, label }: SignatureVersion): string {
  const written = encoding === 'text' ? '' : `, ${encoding}`;
  return `${algorithmNames[algorithm]}${written}${label === undefined ? '' : `, ${code(label)}`}`;
}

function time({ headerTime, bodyTime }: WebhookScheme): string {
  if (headerTime?.kind === 'header') return `yes: ${code(headerTime.name)}`;
  if (headerTime?.kind === 'entry') return `yes: ${code(headerTime.label)}`;
  return bodyTime === undefined ? 'no' : `in the body: ${code(bodyTime.path.join('.'))}`;
}

function handshake({ handshake }: WebhookScheme): string {
  if (handshake === undefined) return 'no';
  return handshake.kind === 'query' ? `yes, by ${handshake.method}` : 'yes, in the body';
}

function keyFormat({ algorithm, key }: SignatureVersion): string {
  const isPublic = /^(ed|ecdsa|rsa)/.test(algorithm);
  const spelling = key.encoding === 'utf8' ? 'text' : key.encoding;
  const prefix = key.prefix === undefined ? '' : `, ${code(key.prefix)} before it`;
  return isPublic
    ? `public key, ${spelling}${prefix}`
    : `${spelling}${prefix}, ≥ ${key.minBytes} bytes`;
}

function needs({ message, handshake, keyHint }: WebhookScheme): string {
  const signsUrl = message.kind === 'parts' && message.parts.includes('url');
  const asksToken = handshake?.kind === 'query' && handshake.token !== undefined;
  const asked = [signsUrl && '`url`', asksToken && '`verifyToken`', keyHint && 'certificate keys'];
  return asked.filter(Boolean).join(', ');
}
