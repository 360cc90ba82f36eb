/**
 * Whether it is an https address at one of these hosts, with nothing unusual about it. A `*` in a host
 * stands for one label: `sns.*.amazonaws.com`. Nothing below a host counts as that host, for clouds give
 * names below theirs to anybody.
 */
export function isPinnedUrl(text: string, hosts: readonly string[]): boolean {
  if (text.length > 2_048 || !URL.canParse(text)) return false;
  const { protocol, hostname, port, username, password } = new URL(text);
  const isPlain = protocol === 'https:' && port === '' && username === '' && password === '';
  return isPlain && hosts.some((host) => isHost(hostname, host));
}

function isHost(hostname: string, pattern: string): boolean {
  const labels = hostname.split('.');
  const wanted = pattern.split('.');
  return (
    labels.length === wanted.length &&
    wanted.every((label, index) => label === '*' || label === labels[index])
  );
}
