import { randomBytes } from 'node:crypto';
import { hash } from 'bcrypt';
import { type Db, ObjectId } from 'mongodb';
import type { Role } from '../../src/identity/caller.js';
import { USERS, type UserDocument } from '../../src/identity/user.collection.js';
import type { UserView } from '../../src/identity/user.schema.js';

export const PASSWORD = 'correct horse battery';

export interface Answer<T = unknown> {
  readonly status: number;
  readonly headers: Headers;
  /** Parsed when it is JSON, else text. */
  readonly body: T;
}

export interface ApiRequest {
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A caller of the server: anonymous, or with the token it signed in with. */
export class Api {
  constructor(
    readonly url: string,
    readonly token?: string,
  ) {}

  get<T>(path: string, request: ApiRequest = {}): Promise<Answer<T>> {
    return this.send('GET', path, request);
  }

  post<T>(path: string, body?: unknown, request: ApiRequest = {}): Promise<Answer<T>> {
    return this.send('POST', path, { ...request, ...(body === undefined ? {} : { body }) });
  }

  /** Paths are taken from the root of the server. */
  async send<T>(method: string, path: string, request: ApiRequest): Promise<Answer<T>> {
    const { body } = request;
    const response = await fetch(this.url + path, {
      method,
      redirect: 'manual',
      headers: {
        ...(this.token === undefined ? {} : { authorization: `Bearer ${this.token}` }),
        ...(body === undefined || typeof body === 'string'
          ? {}
          : { 'content-type': 'application/json' }),
        ...request.headers,
      },
      ...(body === undefined
        ? {}
        : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    const text = await response.text();
    const isJson = /json/.test(response.headers.get('content-type') ?? '');
    return {
      status: response.status,
      headers: response.headers,
      body: (isJson && text !== '' ? JSON.parse(text) : text) as T,
    };
  }

  /** @throws Error when the server refuses */
  async login(email: string, password: string = PASSWORD): Promise<Api> {
    const { status, body } = await this.post<{ accessToken: string }>('/api/v2/auth/login', {
      email,
      password,
    });
    if (status !== 200) throw new Error(`Login was answered ${status}: ${JSON.stringify(body)}`);
    return new Api(this.url, body.accessToken);
  }
}

/** A user of any role, put straight into the database with a cheap hash of {@link PASSWORD}. */
export async function insertUser(db: Db, role: Role): Promise<UserView> {
  const now = new Date();
  const name = `${role}-${randomBytes(4).toString('hex')}`;
  const user: UserDocument = {
    _id: new ObjectId(),
    v: 1,
    fullName: name,
    email: `${name}@example.com`,
    passwordHash: await hash(PASSWORD, 4),
    role,
    createdAt: now,
    updatedAt: now,
  };
  await db.collection<UserDocument>(USERS).insertOne(user);
  return {
    id: user._id.toHexString(),
    fullName: name,
    email: user.email,
    role,
    createdAt: now.toISOString(),
  };
}
