import type { ObjectId } from 'mongodb';
import type { CollectionSpec } from '../platform/mongo/schema.js';
import { ROLES, type Role } from './caller.js';

export const USERS = 'users';

/** A user as stored. Only this folder reads it whole; pipelines that join users must leave `passwordHash` out. */
export interface UserDocument {
  _id: ObjectId;
  v: 1;
  fullName: string;
  /** Normalised, unique. */
  email: string;
  passwordHash: string;
  role: Role;
  phone?: string;
  createdAt: Date;
  updatedAt: Date;
}

export const userCollection: CollectionSpec = {
  name: USERS,
  indexes: [{ name: 'email', key: { email: 1 }, unique: true }],
  validator: {
    $jsonSchema: {
      bsonType: 'object',
      required: ['v', 'fullName', 'email', 'passwordHash', 'role', 'createdAt', 'updatedAt'],
      properties: {
        email: { bsonType: 'string' },
        passwordHash: { bsonType: 'string', pattern: '^\\$2[aby]\\$' },
        role: { enum: [...ROLES] },
      },
    },
  },
};
