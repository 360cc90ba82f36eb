import { builtinModules } from 'node:module';
import { fileURLToPath } from 'node:url';
import { inspect } from 'node:util';
import { build } from 'esbuild';
import { describe, expect, it, vi } from 'vitest';
import manifest from '../package.json' with { type: 'json' };
import {
  isPayTabsError,
  type LoadPaylibOptions,
  loadPaylib,
  PayTabsFormError,
  payWithForm,
  regions,
} from '../src/browser/index.js';
import { FakePaylib, fakeForm, openFakePage } from './fake-page.js';
import { rejection } from './with-simulator.js';

const host = { baseUrl: 'https://secure.paytabs.com' } as const;
const url = 'https://secure.paytabs.com/payment/js/paylib.js';
const key = 'C6KMVG-THNK6H-DNB7VT-DN76BP';
const serverKey = 'SZJNT3ST01-J6KD9M2PQR-WTHVBN7XYZ';
const token = 'gbcn45bt7xNdDMVwq1Kk';

describe('the script is loaded', () => {
  it('once, whoever asks and however often', async () => {
    const page = openFakePage();
    const all = [loadPaylib(host), loadPaylib({ region: 'ARE' })];
    const paylib = new FakePaylib();
    page.run(paylib);
    all.push(loadPaylib(host));
    expect(new Set(await Promise.all(all))).toEqual(new Set([paylib]));
    expect(page.scripts).toMatchObject([{ src: url, async: true, nonce: '', integrity: '' }]);
  });

  it.each(Object.entries(regions))('from the host of %s', (region, base) => {
    const page = openFakePage();
    const code = region.toLowerCase() as 'ARE';
    void loadPaylib({ region: code });
    expect(page.scripts[0]?.src).toBe(`${base}/payment/js/paylib.js`);
    page.run();
  });

  it('from a host of the shop’s own contract', () => {
    const page = openFakePage();
    void loadPaylib({ baseUrl: 'https://pay.example.com/white/' });
    expect(page.scripts[0]?.src).toBe('https://pay.example.com/white/payment/js/paylib.js');
    page.run();
  });

  it('with a nonce, and with a hash that a browser compares', async () => {
    const page = openFakePage();
    const loading = loadPaylib({ ...host, nonce: 'n-1', integrity: 'sha384-abc' });
    expect(page.scripts).toMatchObject([
      { nonce: 'n-1', integrity: 'sha384-abc', crossOrigin: 'anonymous' },
    ]);
    page.run();
    await loading;
  });

  it('not again where the page has brought it', async () => {
    const page = openFakePage();
    const script = page.createElement('script');
    script.src = url;
    page.head.append(script);
    const loading = loadPaylib(host);
    page.run();
    await loading;
    expect(page.scripts).toHaveLength(1);
    const other = openFakePage();
    const paylib = new FakePaylib('https://secure.paytabs.com/');
    vi.stubGlobal('paylib', paylib);
    expect(await loadPaylib(host)).toBe(paylib);
    expect(other.scripts).toHaveLength(0);
  });
});

describe('the script is not loaded', () => {
  it('when it cannot come; the next call tries again', async () => {
    const page = openFakePage();
    const loading = loadPaylib(host);
    page.scripts[0]?.end('error');
    expect(await rejection(loading)).toMatchObject({ code: 'GATEWAY_UNAVAILABLE' });
    expect(page.scripts[0]?.isInPage).toBe(false);
    const again = loadPaylib(host);
    expect(page.scripts).toHaveLength(2);
    page.run();
    await again;
  });

  it('when it does not come in time; the next call tries again', async () => {
    vi.useFakeTimers();
    try {
      const page = openFakePage();
      const loading = rejection(loadPaylib(host));
      await vi.advanceTimersByTimeAsync(14_999);
      expect(page.scripts[0]?.isInPage).toBe(true);
      await vi.advanceTimersByTimeAsync(1);
      expect(await loading).toMatchObject({
        code: 'GATEWAY_UNAVAILABLE',
        message: expect.stringContaining('15000 ms'),
      });
      const again = loadPaylib({ ...host, timeoutMs: 10 });
      page.run();
      await again;
      expect(page.scripts).toHaveLength(2);
      expect(vi.getTimerCount()).toBe(0);
    } finally {
      vi.useRealTimers();
    }
  });

  it('for a caller who has gone; others get it', async () => {
    const page = openFakePage();
    const controller = new AbortController();
    const gone = loadPaylib({ ...host, signal: controller.signal });
    const stays = loadPaylib(host);
    controller.abort(new Error('left'));
    expect(await rejection(gone)).toMatchObject({ code: 'ABORTED' });
    page.run();
    expect(await stays).toBeInstanceOf(FakePaylib);
    const signal = AbortSignal.abort();
    expect(await rejection(loadPaylib({ ...host, signal }))).toMatchObject({ code: 'ABORTED' });
    expect(await loadPaylib({ ...host, signal: new AbortController().signal })).toBeDefined();
  });

  it('when what came is another script', async () => {
    const page = openFakePage();
    const loading = loadPaylib(host);
    page.run({});
    expect(await rejection(loading)).toMatchObject({ code: 'UNEXPECTED_REPLY' });
  });

  it('when that of another host is there: cards would go there', async () => {
    const page = openFakePage();
    const loading = loadPaylib(host);
    const other = { region: 'SAU' } as const;
    expect(await rejection(loadPaylib(other))).toMatchObject({ code: 'INVALID_OPTION' });
    page.run(new FakePaylib('https://secure.paytabs.com/'));
    await loading;
    openFakePage();
    vi.stubGlobal('paylib', new FakePaylib('https://secure.paytabs.com/'));
    expect(await rejection(loadPaylib(other))).toMatchObject({ code: 'INVALID_OPTION' });
  });

  it.each<[string, object]>([
    ['no host', {}],
    ['two hosts', { ...host, region: 'ARE' }],
    ['an unknown region', { region: 'XXX' }],
    ['a host without TLS', { baseUrl: 'http://secure.paytabs.com' }],
    ['a host with a query', { baseUrl: 'https://secure.paytabs.com/?a=1' }],
    ['a host with a user', { baseUrl: 'https://a:b@secure.paytabs.com' }],
    ['a script for a host', { baseUrl: 'javascript:alert(1)' }],
    ['no time', { ...host, timeoutMs: 0 }],
    ['half a millisecond', { ...host, timeoutMs: 0.5 }],
  ])('with %s', async (_, options) => {
    const page = openFakePage();
    expect(await rejection(loadPaylib(options as LoadPaylibOptions))).toMatchObject({
      code: 'INVALID_OPTION',
    });
    expect(page.scripts).toHaveLength(0);
  });

  it('on a server', async () => {
    expect(await rejection(loadPaylib(host))).toMatchObject({ code: 'INVALID_OPTION' });
  });
});

describe('a form is paid with', () => {
  const open = () => {
    const paylib = new FakePaylib();
    const form = fakeForm();
    const pay = (more: object = {}) => payWithForm({ form, key, paylib, ...more });
    return { paylib, form, pay };
  };

  it('by a token, once the shopper has submitted', async () => {
    const { paylib, form, pay } = open();
    const paying = pay();
    expect(paylib.calls).toMatchObject([{ key, form, autoSubmit: false }]);
    paylib.reply({ error: false, token, trace: 'PMNT0101.6A97D191.00006F48' });
    expect(await paying).toBe(token);
  });

  it('also by the script of the page, and a key with space around it', async () => {
    openFakePage();
    const paylib = new FakePaylib();
    vi.stubGlobal('paylib', paylib);
    const paying = payWithForm({ form: fakeForm(), key: ` ${key}\n` });
    expect(paylib.calls[0]?.key).toBe(key);
    paylib.reply({ status: 200, token });
    expect(await paying).toBe(token);
  });

  it('again after what was wrong was named, without taking the form over twice', async () => {
    const { paylib, pay } = open();
    const first = pay();
    paylib.reply({
      error: true,
      errorCode: 200,
      errorField: 'number',
      errorStatus: 'E',
      errorText: 'Visa is not supported, please enter a different card.',
      status: 400,
      trace: 'PMNT0202.6A97D0CE.00017310',
    } as never);
    const error = await rejection(first);
    expect(error).toBeInstanceOf(PayTabsFormError);
    expect(isPayTabsError(error, 'INVALID_REQUEST')).toBe(true);
    expect(error).toMatchObject({
      field: 'number',
      gatewayCode: 200,
      trace: 'PMNT0202.6A97D0CE.00017310',
      message: 'The form was not taken: Visa is not supported, please enter a different card.',
    });
    expect(JSON.parse(JSON.stringify(error))).toMatchObject({ field: 'number' });
    const second = pay();
    paylib.reply({ token });
    expect(await second).toBe(token);
    expect(paylib.calls).toHaveLength(1);
  });

  it('rejects without a field where the script names none, or no name', async () => {
    const { paylib, pay } = open();
    for (const errorField of [undefined, '4111111111111111', 7 as never]) {
      const paying = pay();
      paylib.reply({ error: true, ...(errorField === undefined ? {} : { errorField }) });
      const error = await rejection(paying);
      expect(error).toMatchObject({ code: 'INVALID_REQUEST' });
      expect(error).not.toHaveProperty('field');
    }
  });

  it('and no error has the card, the token or the key in it', async () => {
    const { paylib, pay } = open();
    const paying = pay();
    const secrets = ['4111 1111 1111 1111', token, key, 'sara@example.com'];
    paylib.reply({ error: true, errorText: secrets.join(' '), trace: key, token });
    const error = await rejection(paying);
    const shown = inspect(error) + JSON.stringify(error) + String(error);
    for (const secret of secrets) expect(shown).not.toContain(secret);
  });

  it.each([null, {}, { token: '' }, { token: 7 as never }, { status: 200 }])(
    'not by %j, which has neither a token nor an error',
    async (reply) => {
      const { paylib, pay } = open();
      const paying = pay();
      paylib.reply(reply);
      expect(await rejection(paying)).toMatchObject({ code: 'UNEXPECTED_REPLY' });
    },
  );

  it('until the caller goes; what comes then is nobody’s', async () => {
    const { paylib, pay } = open();
    const controller = new AbortController();
    const paying = pay({ signal: controller.signal });
    controller.abort(new Error('left'));
    expect(await rejection(paying)).toMatchObject({ code: 'ABORTED' });
    paylib.reply({ token: 'lost' });
    const again = pay({ signal: new AbortController().signal });
    paylib.reply({ token });
    expect(await again).toBe(token);
    expect(await rejection(pay({ signal: AbortSignal.abort() }))).toMatchObject({
      code: 'ABORTED',
    });
  });

  it('by whoever asked last, for the script knows one form', async () => {
    const { paylib, pay } = open();
    const first = rejection(pay());
    const second = rejection(pay());
    const form = fakeForm();
    const third = pay({ form });
    expect(await first).toMatchObject({ code: 'ABORTED' });
    expect(await second).toMatchObject({ code: 'ABORTED' });
    expect(paylib.calls.map((call) => call.form === form)).toEqual([false, true]);
    paylib.calls[0]?.callback({ token: 'of the form that was left' });
    paylib.reply({ token });
    expect(await third).toBe(token);
    const back = pay();
    expect(paylib.calls).toHaveLength(3);
    paylib.reply({ token });
    await back;
  });
});

describe('a form is refused', () => {
  const refusalOf = (more: object) =>
    rejection(payWithForm({ form: fakeForm(), key, paylib: new FakePaylib(), ...more }));

  it.each([serverKey, serverKey.toLowerCase(), ` ${serverKey}`, 'S6KMVG-THNK6H-DNB7VT-DN76BP'])(
    'with a server key, loudly and without telling it',
    async (wrong) => {
      const error = await refusalOf({ key: wrong });
      expect(error).toMatchObject({
        code: 'INVALID_OPTION',
        message: expect.stringContaining('SERVER key'),
      });
      expect(inspect(error)).not.toContain(wrong.trim());
    },
  );

  it.each(['', 'C', 'CABC', 'KABC-DEF', 'CABC--DEF', 'CABC-DEF x', undefined, 7])(
    'with %j, which is no client key',
    async (wrong) => {
      expect(await refusalOf({ key: wrong })).toMatchObject({ code: 'INVALID_OPTION' });
    },
  );

  it('with an input that the own server would get', async () => {
    const form = fakeForm({ number: '', cvv: 'cvv' });
    expect(await refusalOf({ form })).toMatchObject({
      code: 'INVALID_OPTION',
      message: expect.stringContaining('"cvv"'),
    });
  });

  it('without an input for the number', async () => {
    expect(await refusalOf({ form: fakeForm({ cvv: null }) })).toMatchObject({
      code: 'INVALID_OPTION',
      message: expect.stringContaining('number'),
    });
  });

  it('before the script is there', async () => {
    expect(await refusalOf({ paylib: undefined })).toMatchObject({ code: 'GATEWAY_UNAVAILABLE' });
  });

  it('when the script does not take it; what it threw is not told', async () => {
    let works = false;
    const paylib = new FakePaylib();
    const inlineForm = paylib.inlineForm.bind(paylib);
    paylib.inlineForm = (options) => {
      if (!works) throw new Error('4111111111111111');
      inlineForm(options);
    };
    const form = fakeForm();
    const error = await refusalOf({ paylib, form });
    expect(error).toMatchObject({ code: 'UNEXPECTED_REPLY' });
    expect(inspect(error)).not.toContain('4111');
    works = true;
    const paying = payWithForm({ paylib, form, key });
    paylib.reply({ token });
    expect(await paying).toBe(token);
    // Nobody knows whose the script is after it has failed, so the first is handed to it again.
    works = false;
    expect(await refusalOf({ paylib })).toMatchObject({ code: 'UNEXPECTED_REPLY' });
    works = true;
    const again = payWithForm({ paylib, form, key });
    expect(paylib.calls).toHaveLength(2);
    paylib.reply({ token });
    expect(await again).toBe(token);
  });
});

describe('the browser entry', () => {
  const bundle = async (entry: string) => {
    const needed: string[] = [];
    const { outputFiles } = await build({
      entryPoints: [fileURLToPath(new URL(`../${entry}`, import.meta.url))],
      bundle: true,
      write: false,
      minify: true,
      platform: 'browser',
      format: 'esm',
      logLevel: 'silent',
      // Put in the place of free names alone.
      define: { Buffer: 'FREE_BUFFER', process: 'FREE_PROCESS', global: 'FREE_GLOBAL' },
      plugins: [
        {
          name: 'outside',
          setup: (builder) =>
            builder.onResolve({ filter: /^[^.]/ }, ({ path, kind }) => {
              if (kind === 'entry-point') return undefined;
              needed.push(path);
              return { path, external: true };
            }),
        },
      ],
    });
    const text = outputFiles[0]?.text ?? '';
    return { needed, text, free: text.match(/FREE_\w+/g) ?? [] };
  };

  it('needs nothing of Node and no package, and is small', async () => {
    const { needed, text, free } = await bundle('src/browser/index.ts');
    expect(needed).toEqual([]);
    expect(free).toEqual([]);
    for (const name of builtinModules) expect(text).not.toContain(`node:${name}`);
    expect(text).toContain('/payment/js/paylib.js');
    expect(Buffer.byteLength(text)).toBeLessThan(16_384);
  });

  it('would be noticed if it did: the entry for servers does', async () => {
    const { needed, free } = await bundle('src/notifications/create-return-verifier.ts');
    expect(needed).toContain('@nestcms/webhook-security');
    expect(free).toContain('FREE_BUFFER');
  });

  it('is published for both kinds of modules', () => {
    const { '@nestcms/source': source, ...rest } = manifest.exports['./browser'];
    expect(source).toBe('./src/browser/index.ts');
    expect(manifest.publishConfig.exports['./browser']).toEqual(rest);
    expect(rest.import.default).toBe('./dist/browser.js');
    expect(rest.require.default).toBe('./dist/browser.cjs');
  });
});
