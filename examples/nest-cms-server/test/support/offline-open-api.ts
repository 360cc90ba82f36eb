import type { OpenAPIObject } from '@nestjs/swagger';
import { parseEnvironment } from '../../src/config/parse-environment.js';
import { createApp } from '../../src/create-app.js';
import { createOpenApi } from '../../src/operations/open-api.js';

/** The description of the routes, from a server that is put together but never connected to anything. */
export async function offlineOpenApi(): Promise<OpenAPIObject> {
  const environment = parseEnvironment({
    LOG_LEVEL: 'silent',
    PUBLIC_URL: 'https://nowhere.test',
    MONGODB_URI: 'mongodb://127.0.0.1:9/?replicaSet=none',
    JWT_KEYS: 'none:nothing-is-signed-nothing-is-signed',
    PAYTABS_PROFILE_ID: '1',
    PAYTABS_SERVER_KEY: 'SNOTHING-ISSENT-NOWHERE',
    PAYTABS_REGION: 'ARE',
  });
  const app = await createApp(environment);
  return createOpenApi(app);
}
