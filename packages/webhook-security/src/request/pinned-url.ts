/** Whether it is an https address at one of these hosts or below them, with nothing unusual about it. */
export function isPinnedUrl(text: string, hosts: readonly string[]): boolean {
  if (text.length > 2_048 || !URL.canParse(text)) return false;
  const { protocol, hostname, port, username, password } = new URL(text);
  const isPlain = protocol === 'https:' && port === '' && username === '' && password === '';
  return isPlain && hosts.some((host) => hostname === host || hostname.endsWith(`.${host}`));
}
