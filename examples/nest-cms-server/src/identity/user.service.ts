import { Injectable } from '@nestjs/common';
import type { ObjectId } from 'mongodb';
import type { Role } from './caller.js';
import type { UserView } from './user.schema.js';

export interface NewUser {
  readonly fullName: string;
  readonly email: string;
  readonly password: string;
  readonly role: Role;
  readonly phone?: string | undefined;
}

/** The users, without their password hashes: those never leave this folder. */
@Injectable()
export class UserService {
  /** @throws Problem 409 `EMAIL_TAKEN` */
  create(_user: NewUser): Promise<UserView> {
    throw new Error('not built yet');
  }
  find(_id: ObjectId): Promise<UserView | undefined> {
    throw new Error('not built yet');
  }
  /** The address may be written in any case. */
  findByEmail(_email: string): Promise<UserView | undefined> {
    throw new Error('not built yet');
  }
}
