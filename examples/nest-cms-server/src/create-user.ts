import 'reflect-metadata';
import { text } from 'node:stream/consumers';
import { parseArgs } from 'node:util';
import { z } from 'zod';
import { parseEnvironment } from './config/parse-environment.js';
import { createApp } from './create-app.js';
import { ROLES } from './identity/caller.js';
import { registerSchema } from './identity/user.schema.js';
import { UserService } from './identity/user.service.js';

const USAGE = `Makes a user of any role, for example the first manager, who can then register employees.
  create-user --role ${ROLES.join('|')} --email ADDRESS --name "FULL NAME" < file-with-the-password
The password is read from standard input, so that it stands in no list of processes and no shell history.
`;

const inputSchema = registerSchema.extend({ role: z.enum(ROLES) });

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: { role: { type: 'string' }, email: { type: 'string' }, name: { type: 'string' } },
  });
  const input = inputSchema.safeParse({
    role: values.role,
    email: values.email,
    fullName: values.name,
    password: (await text(process.stdin)).replace(/\r?\n$/, ''),
  });
  if (!input.success) throw new Error(`${USAGE}\n${z.prettifyError(input.error)}`);
  const app = await createApp(parseEnvironment({ ...process.env, LOG_LEVEL: 'error' }));
  try {
    await app.init();
    const { id, email, role } = await app.get(UserService).create(input.data);
    process.stdout.write(`Made ${role} ${email} with id ${id}\n`);
  } finally {
    await app.close();
  }
}

main().then(
  () => process.exit(0),
  (error: unknown) => {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exit(1);
  },
);
