import { expect, it } from 'vitest';
import { sale, startGateway } from '../simulator-wire.js';

it.each(['application/json-patch+json', 'application/json5', 'text/json'])(
  'content of type %s is no JSON',
  async (type) => {
    const simulator = await startGateway();
    const answer = await fetch(`${simulator.baseUrl}/payment/request`, {
      method: 'POST',
      headers: { authorization: simulator.serverKey, 'content-type': type },
      body: JSON.stringify(sale()),
    });
    expect([answer.status, await answer.json()]).toMatchObject([400, { code: 2 }]);
  },
);
