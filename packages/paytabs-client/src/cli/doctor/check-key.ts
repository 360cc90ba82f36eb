import { type Finding, failed, ok, warning } from './check.js';

const where =
  'Take the server key of a web profile from the dashboard: Developers, Key management.';

/** What the key looks like. Tells its kind and the length of its parts, never a character of it. */
export function checkKey(given: string): Finding {
  const key = given.trim();
  const wrong = whyNoServerKey(key);
  if (wrong !== undefined) return failed(wrong, `Nothing was sent. ${where}`);
  const form = `a server key of ${shapeOf(key)}`;
  if (key !== given) {
    const says = `It is ${form}, with white space around it: the client drops that, a verifier of notices does not.`;
    return warning(says, 'Remove the white space from $PAYTABS_SERVER_KEY.');
  }
  if (!/^S[A-Z0-9]{9}(?:-[A-Z0-9]{10}){2}$/.test(key)) {
    const says = `It is ${form}; published ones have three groups of ten capitals and digits.`;
    return warning(says, 'Compare it with the dashboard: it may be cut off.');
  }
  return ok(`It is ${form}.`);
}

function whyNoServerKey(key: string): string | undefined {
  if (/^(?:bearer|basic)\s/i.test(key)) {
    return 'It begins with the name of a scheme: the gateway takes the bare key.';
  }
  if (/^["'`]|["'`]$/.test(key)) return 'It has quotes around it, which are sent as a part of it.';
  if (/\s/.test(key)) return 'It has white space within.';
  if (/^C/i.test(key)) {
    return 'It looks like a client key, which is for browsers and apps: a server key begins with S.';
  }
  if (/^S[A-Z0-9]+(?:-[A-Z0-9]+){2}$/i.test(key)) return undefined;
  return `It has the form of no server key (${shapeOf(key)}): that has three groups, the first beginning with S.`;
}

const shapeOf = (key: string): string => {
  const lengths = key.split('-').map(({ length }) => length);
  return `${lengths.length} ${lengths.length === 1 ? 'group' : 'groups'} of ${lengths.join(', ')} characters`;
};
