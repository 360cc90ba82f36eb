import { canListen, reservePort } from '../lib/ports.mjs';
import { StartError } from '../lib/say.mjs';

/**
 * The port to listen on; 0 becomes a free one, as the gateway must know it before the server runs.
 * @throws {StartError} when it is taken or may not be used
 */
export async function choosePort(port: number, host: string): Promise<number> {
  if (port === 0) return (await reservePort({ host })).port;
  if (await canListen(port, host)) return port;
  if (port < 1024 && process.getuid?.() !== 0) {
    throw new StartError(`Port ${port} on ${host} is taken or reserved for root.`, {
      remedy: 'choose another: npm start -- --port 3000',
    });
  }
  if (!(await canListen(0, host))) {
    throw new StartError(`This machine cannot listen on ${host}.`, {
      remedy: 'set HOST to an address of this machine, or unset it for 127.0.0.1.',
    });
  }
  throw new StartError(`Port ${port} on ${host} is taken by another program.`, {
    remedy: `stop that program, or choose another port: npm start -- --port ${port === 65_535 ? port - 1 : port + 1}`,
  });
}

/** The address a browser on this machine uses. */
export function urlOf(host: string, port: number): string {
  if (host === '0.0.0.0' || host === '::') return `http://127.0.0.1:${port}`;
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
}
