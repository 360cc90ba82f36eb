import { Inject, Injectable, Module } from '@nestjs/common';
import { describe, expect, it } from 'vitest';
import {
  InjectPayTabs,
  PayTabsModule,
  type PayTabsModuleOptions,
  payTabsToken,
} from '../../src/adapters/nestjs/index.js';
import { PayTabsClient } from '../../src/index.js';
import { rejection } from '../with-simulator.js';
import { clientOptions, compile } from './start-app.js';

@Injectable()
class Checkout {
  readonly client: PayTabsClient;

  constructor(@Inject(PayTabsClient) client: PayTabsClient) {
    this.client = client;
  }
}

@Injectable()
class Branches {
  readonly one: PayTabsClient;
  @InjectPayTabs('two') readonly two!: PayTabsClient;

  constructor(@InjectPayTabs('one') one: PayTabsClient) {
    this.one = one;
  }
}

const two = { one: clientOptions({ profileId: 1 }), two: clientOptions({ profileId: 2 }) };

export function describeModule(): void {
  describe('PayTabsModule', () => {
    it.each(['default', 'shop'])('injects the only client by its class, named %s', async (name) => {
      @Module({ providers: [Checkout] })
      class CheckoutModule {}
      const clients = { [name]: clientOptions() };
      const module = await compile({
        imports: [PayTabsModule.forRoot({ clients }), CheckoutModule],
      });
      const { client } = module.get(Checkout, { strict: false });
      expect(client).toBeInstanceOf(PayTabsClient);
      expect(client.profileId).toBe(98765);
      expect(module.get(payTabsToken(name), { strict: false })).toBe(client);
    });

    it('injects several clients by name, and by class only the one named default', async () => {
      const clients = { ...two, default: clientOptions({ profileId: 3 }) };
      const module = await compile({
        imports: [PayTabsModule.forRoot({ clients })],
        providers: [Branches, Checkout],
      });
      const branches = module.get(Branches);
      expect([branches.one.profileId, branches.two.profileId]).toEqual([1, 2]);
      expect(module.get(Checkout).client.profileId).toBe(3);
    });

    it('does not start where a client is injected by class and several could be meant', async () => {
      const imports = [PayTabsModule.forRoot({ clients: two })];
      const error = await rejection(compile({ imports, providers: [Checkout] }));
      expect(String(error)).toContain('PayTabsClient');
    });

    it('does not start where a client is injected that there is not', async () => {
      const imports = [PayTabsModule.forRoot({ clients: { one: two.one } })];
      await expect(compile({ imports, providers: [Branches] })).rejects.toThrow('client:two');
    });

    it('takes its options from a factory', async () => {
      @Module({ providers: [{ provide: 'PROFILE', useValue: 7 }], exports: ['PROFILE'] })
      class ConfigModule {}
      const module = await compile({
        imports: [
          PayTabsModule.forRootAsync({
            imports: [ConfigModule],
            inject: ['PROFILE'],
            useFactory: async (profileId: number) => ({
              clients: { default: clientOptions({ profileId }) },
            }),
          }),
        ],
        providers: [Checkout],
      });
      expect(module.get(Checkout).client.profileId).toBe(7);
    });

    it('takes several clients from a factory, whose names are told', async () => {
      const module = await compile({
        imports: [
          PayTabsModule.forRootAsync({
            useFactory: () => ({ clients: two }),
            names: ['one', 'two'],
          }),
        ],
        providers: [Branches],
      });
      expect(module.get(Branches).two.profileId).toBe(2);
    });

    it.each<[string, readonly string[] | undefined, object, RegExp]>([
      [
        'a name that the factory gives no client for',
        ['one', 'two', 'three'],
        { clients: two },
        /^names: "three"/,
      ],
      ['a client whose name was not told', ['one'], { clients: two }, /^names: "two" is missing/],
      [
        'clients of other names than default',
        undefined,
        { clients: { one: two.one } },
        /^names: "default"/,
      ],
      ['options that are none', undefined, { client: {} }, /^clients: must be/],
    ])('does not start with %s', async (_what, names, made, message) => {
      const useFactory = () => made as PayTabsModuleOptions;
      const imports = [PayTabsModule.forRootAsync({ useFactory, ...(names && { names }) })];
      const error = await rejection(compile({ imports }));
      expect(error).toMatchObject({
        code: 'INVALID_OPTION',
        message: expect.stringMatching(message),
      });
    });

    it('says of which client an option is wrong', async () => {
      const clients = { ...two, shop: clientOptions({ timeoutMs: 0 }) };
      const error = await rejection(compile({ imports: [PayTabsModule.forRoot({ clients })] }));
      expect(error).toMatchObject({
        code: 'INVALID_OPTION',
        message: expect.stringMatching(/^clients\.shop\.timeoutMs: /),
      });
    });

    it.each<[string, unknown, RegExp]>([
      ['nothing', undefined, /^options: /],
      ['no client', { clients: {} }, /^clients: /],
      ['a list', { clients: [clientOptions()] }, /^clients: /],
      ['an unknown option', { clients: two, close: true }, /close/],
      ['reconciling that is none', { clients: two, reconcile: 5000 }, /^reconcile: /],
      [
        'a class that is not marked',
        { clients: two, reconcile: { everyMs: 1, onEnded: Checkout } },
        /^reconcile\.onEnded: .*@PayTabsEndHandler\(\)/,
      ],
    ])('refuses %s', (_what, options, message) => {
      expect(() => PayTabsModule.forRoot(options as never)).toThrow(
        expect.objectContaining({
          code: 'INVALID_OPTION',
          message: expect.stringMatching(message),
        }),
      );
    });
  });
}
