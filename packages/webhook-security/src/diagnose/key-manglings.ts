/** How a key may have been read, where that was wrong. */
export interface KeyMangling<Key> {
  /** What must be done for this to fit. */
  readonly what: string;
  readonly read: (key: Key) => string | Buffer | undefined;
}

const PREFIX = /^(?:v\d,)?(?:whsec_|sk_)?/;

const decoded = (text: string, encoding: 'base64' | 'base64url' | 'hex'): Buffer | undefined => {
  const bytes = Buffer.from(text, encoding);
  return bytes.length === 0 ? undefined : bytes;
};

/** As text, so that the scheme says what of it is the key. */
const withPrefix = (prefix: string): KeyMangling<string> => ({
  what: `the prefix ${prefix} was taken off the key: give the whole text, with the prefix`,
  read: (key) => (key.includes(prefix) ? undefined : `${prefix}${key.trim()}`),
});

export const KEY_MANGLINGS: readonly KeyMangling<string>[] = [
  { what: 'the key is right', read: (key) => key },
  { what: 'the text itself is the key', read: (key) => Buffer.from(key) },
  {
    what: 'white space around the key does not belong to it',
    read: (key) => key.trim(),
  },
  withPrefix('whsec_'),
  withPrefix('whpk_'),
  {
    what: 'the key is what stands behind the prefix, not decoded',
    read: (key) => Buffer.from(key.trim().replace(PREFIX, '')),
  },
  {
    what: 'the key is what stands behind the prefix, decoded from base64: give those bytes',
    read: (key) => decoded(key.trim().replace(PREFIX, ''), 'base64'),
  },
  {
    what: 'the key is what stands behind the prefix, decoded from base64url: give those bytes',
    read: (key) => decoded(key.trim().replace(PREFIX, ''), 'base64url'),
  },
  { what: 'the key is the text decoded from base64', read: (key) => decoded(key.trim(), 'base64') },
  {
    what: 'the key is the text decoded from hexadecimal digits',
    read: (key) => decoded(key.trim(), 'hex'),
  },
  {
    what: 'the key was encoded in base64 once more, and is the text before that',
    read: (key) => {
      const text = decoded(key.trim(), 'base64')?.toString('latin1').replace(PREFIX, '');
      return text === undefined ? undefined : decoded(text, 'base64');
    },
  },
];

export const BYTES_MANGLINGS: readonly KeyMangling<Buffer>[] = [
  { what: 'the bytes are the key', read: (key) => key },
  {
    what: 'the bytes are those of a text that is to be decoded: give the text itself, with its prefix',
    read: (key) => key.toString('utf8'),
  },
];
