import { describe, expect, it } from 'vitest';
import { parseStart, parseTest, parseTour } from './arguments.mjs';
import { StartError } from './say.mjs';

const refusal = (work: () => unknown): StartError => {
  try {
    work();
  } catch (error) {
    if (error instanceof StartError) return error;
    throw error;
  }
  throw new Error('Nothing was refused.');
};

describe('arguments of npm start', () => {
  it('listens on 127.0.0.1:3000 with temporary data unless told otherwise', () => {
    expect(parseStart([], {}, '/home/me')).toEqual({
      help: false,
      host: '127.0.0.1',
      port: 3000,
      demo: true,
      dataDirectory: undefined,
    });
  });

  it('prefers --port to PORT and takes HOST', () => {
    const environment = { PORT: '4000', HOST: '0.0.0.0' };
    expect(parseStart([], environment, '/')).toMatchObject({ port: 4000, host: '0.0.0.0' });
    expect(parseStart(['--port', '0'], environment, '/').port).toBe(0);
  });

  it('ignores the separator that pnpm passes on', () => {
    expect(parseStart(['--', '--port', '1'], {}, '/').port).toBe(1);
  });

  it('resolves --data against the directory the command was given in', () => {
    expect(parseStart(['--data', 'demo'], {}, '/home/me').dataDirectory).toBe('/home/me/demo');
    expect(parseStart(['--data=/var/x'], {}, '/home/me').dataDirectory).toBe('/var/x');
  });

  it.each(['65536', '-1', 'http', '3e3', '80.5', ''])('refuses the port "%s"', (port) => {
    const error = refusal(() => parseStart([`--port=${port}`], {}, '/'));
    expect(error.exitCode).toBe(2);
    expect(error.message).toContain('from 0 to 65535');
  });

  it.each([['--prot', '1'], ['extra'], ['--data'], ['--help=yes']])(
    'refuses %s with the usage',
    (...argv) => {
      const error = refusal(() => parseStart(argv.flat(), {}, '/'));
      expect(error.exitCode).toBe(2);
      expect(error.message).toContain('Usage: npm start');
    },
  );

  it('takes NESTCMS_DEMO for true or false and nothing else', () => {
    expect(parseStart([], { NESTCMS_DEMO: 'false' }, '/').demo).toBe(false);
    for (const NESTCMS_DEMO of ['0', 'no', 'False', '']) {
      const error = refusal(() => parseStart([], { NESTCMS_DEMO }, '/'));
      expect(error.exitCode).toBe(2);
      expect(error.message).toContain('must be true or false');
    }
  });

  it('refuses a HOST that is no host', () => {
    expect(refusal(() => parseStart([], { HOST: 'http://x' }, '/')).exitCode).toBe(2);
  });
});

describe('arguments of npm run tour', () => {
  it('takes the address and the logins from the environment', () => {
    const parsed = parseTour(['--card', '4000 0000 0000 0002'], {
      NESTCMS_URL: 'http://127.0.0.1:3000/',
      NESTCMS_TOUR_CLIENT_EMAIL: 'c@example.com',
      NESTCMS_TOUR_CLIENT_PASSWORD: 'pw',
    });
    expect(parsed).toEqual({
      help: false,
      card: '4000000000000002',
      url: 'http://127.0.0.1:3000',
      employee: undefined,
      client: { email: 'c@example.com', password: 'pw' },
    });
  });

  it('refuses half a login, a wrong address and a wrong card', () => {
    for (const work of [
      () => parseTour([], { NESTCMS_TOUR_EMPLOYEE_EMAIL: 'e@example.com' }),
      () => parseTour([], { NESTCMS_URL: '127.0.0.1:3000' }),
      () => parseTour([], { NESTCMS_URL: '127.0.0.1:3000' }),
      () => parseTour([], { NESTCMS_URL: 'http://127.0.0.1:300000' }),
      () => parseTour([], { NESTCMS_URL: 'http://a b' }),
      () => parseTour(['--card', '12'], {}),
      () => parseTour(['--url', 'x'], {}),
    ]) {
      expect(refusal(work).exitCode).toBe(2);
    }
  });
});

describe('arguments of npm test', () => {
  it('passes filters on to vitest', () => {
    const argv = ['--project', 'a', '--project', 'b', '-t', 'opens', '--bail=1', 'money'];
    expect(parseTest(argv).vitest).toEqual([
      '--project=a',
      '--project=b',
      '--testNamePattern=opens',
      '--bail=1',
      'money',
    ]);
  });

  it('refuses what it does not know', () => {
    expect(refusal(() => parseTest(['--watch'])).exitCode).toBe(2);
    expect(refusal(() => parseTest(['--bail', 'x'])).exitCode).toBe(2);
  });
});
