import { Inject, Injectable } from '@nestjs/common';
import { type Filter, MongoServerError, ObjectId } from 'mongodb';
import { CLOCK, type Clock } from '../platform/clock.js';
import { conflict } from '../platform/http/problem.js';
import { Database } from '../platform/mongo/database.js';
import { PASSWORD_HASHER, type PasswordHasher } from '../protection/password-hasher.js';
import type { Role } from './caller.js';
import { USERS, type UserDocument } from './user.collection.js';
import { emailSchema, type UserView } from './user.schema.js';

export interface NewUser {
  readonly fullName: string;
  readonly email: string;
  readonly password: string;
  readonly role: Role;
  readonly phone?: string | undefined;
}

const DUPLICATE_KEY = 11_000;

/** The users, without their password hashes: those never leave this folder. */
@Injectable()
export class UserService {
  constructor(
    private readonly database: Database,
    @Inject(PASSWORD_HASHER) private readonly hasher: PasswordHasher,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** @throws Problem 409 `EMAIL_TAKEN` */
  async create(user: NewUser): Promise<UserView> {
    const now = new Date(this.clock.wallTime());
    const document: UserDocument = {
      _id: new ObjectId(),
      v: 1,
      fullName: user.fullName,
      email: emailSchema.parse(user.email),
      passwordHash: await this.hasher.hash(user.password),
      role: user.role,
      ...(user.phone === undefined ? {} : { phone: user.phone }),
      createdAt: now,
      updatedAt: now,
    };
    try {
      await this.database.collection<UserDocument>(USERS).insertOne(document);
    } catch (error) {
      if (error instanceof MongoServerError && error.code === DUPLICATE_KEY) {
        throw conflict('EMAIL_TAKEN', 'There is an account with this e-mail address already.');
      }
      throw error;
    }
    return toView(document);
  }

  find(id: ObjectId): Promise<UserView | undefined> {
    return this.#findOne({ _id: id });
  }

  /** The address may be written in any case. */
  async findByEmail(email: string): Promise<UserView | undefined> {
    const normalised = emailSchema.safeParse(email);
    return normalised.success ? this.#findOne({ email: normalised.data }) : undefined;
  }

  /** The user whose address and password these are. Takes equally long for an unknown address and a wrong password. */
  async authenticate(email: string, password: string): Promise<UserView | undefined> {
    const user = await this.database.collection<UserDocument>(USERS).findOne({ email });
    const fits = await this.hasher.verify(password, user?.passwordHash);
    return user !== null && fits ? toView(user) : undefined;
  }

  async #findOne(filter: Filter<UserDocument>): Promise<UserView | undefined> {
    const user = await this.database
      .collection<UserDocument>(USERS)
      .findOne(filter, { projection: { passwordHash: 0 } });
    return user === null ? undefined : toView(user);
  }
}

function toView(user: UserDocument): UserView {
  return {
    id: user._id.toHexString(),
    fullName: user.fullName,
    email: user.email,
    role: user.role,
    ...(user.phone === undefined ? {} : { phone: user.phone }),
    createdAt: user.createdAt.toISOString(),
  };
}
