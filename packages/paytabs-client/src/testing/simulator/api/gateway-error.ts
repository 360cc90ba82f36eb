import { jsonReply, type Reply } from '../http.js';

/** A refusal in the gateway's error shape. */
export class GatewayRefusal extends Error {
  readonly httpStatus: number;
  readonly code: number;

  constructor(httpStatus: number, code: number, message: string) {
    super(message);
    this.httpStatus = httpStatus;
    this.code = code;
  }

  toReply(trace: string): Reply {
    return jsonReply(this.httpStatus, { code: this.code, message: this.message, trace });
  }
}

export const refuseAuthentication = (): never => {
  throw new GatewayRefusal(401, 1, 'Authentication failed. Check authentication header.');
};

export const refuseRequest = (code: number, message: string): never => {
  throw new GatewayRefusal(400, code, message);
};
