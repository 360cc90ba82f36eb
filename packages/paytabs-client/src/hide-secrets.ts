/** Short ones, such as a security code, stand by chance in many a text that means something else. */
const longEnough = 12;

const escaped = (secret: string): string => secret.replace(/[^a-z0-9]/gi, '\\$&');

/** However it may come back: digits in groups, slashes as some JSON writers have them. */
function patternOf(secret: string): RegExp {
  const form = /^\d+$/.test(secret)
    ? secret.split('').join('[ -]?')
    : secret.replace(/[^a-z0-9]/gi, (each) => (each === '/' ? '\\\\?\\/' : `\\${each}`));
  const isShort = secret.length < longEnough;
  return new RegExp(isShort ? `(?<![a-z0-9])${form}(?![a-z0-9])` : form, 'gi');
}

/** A number of JSON becomes a text, so that the rest can still be read. */
const hideNumber = (text: string, secret: string): string =>
  /^\d+$/.test(secret)
    ? text.replace(new RegExp(`(?<=[:,[]\\s*)${secret}(?=\\s*[,}\\]])`, 'g'), '"[secret]"')
    : text;

const hide = (text: string, secrets: readonly string[]): string =>
  secrets.reduce(
    (shown, secret) => hideNumber(shown, secret).replace(patternOf(secret), '[secret]'),
    text,
  );

/**
 * Removes what a request must not have told. A text so short that an answer may have it of its own is removed where it
 * is called a security code.
 */
export const hideLongSecrets = (text: string, secrets: readonly string[] = []): string => {
  const isShort = ({ length }: string) => length < longEnough;
  const named = secrets
    .filter(isShort)
    .reduce(
      (shown, secret) =>
        shown.replace(
          new RegExp(`\\b(cvv2?\\W{1,8})${escaped(secret)}(?!\\d)`, 'gi'),
          '$1[secret]',
        ),
      text,
    );
  return hide(
    named,
    secrets.filter((secret) => !isShort(secret)),
  );
};

/** Removes all of it. For texts that people read, and nobody takes a meaning from. */
export const hideSecrets = (text: string, secrets: readonly string[] = []): string =>
  hide(
    text,
    secrets.filter(({ length }) => length >= 3),
  );

/** Whether a text has one of them in it. */
export const tellsSecret = (text: string, secrets: readonly string[] = []): boolean =>
  hideLongSecrets(text, secrets) !== text;
