import type { ServerHandle } from './start-server.js';

/** The value of one line of `/metrics`, named with its labels; undefined when there is no such line. */
export async function metricOf(
  { api }: Pick<ServerHandle, 'api'>,
  line: string,
): Promise<number | undefined> {
  const { body } = await api.get<string>('/metrics');
  const found = body.split('\n').find((one) => one.startsWith(`${line} `));
  return found === undefined ? undefined : Number(found.split(' ').at(-1));
}
