import { linkReader, type PayLink } from '../gateway/loose-reply.js';
import {
  type CreateLinkRequest,
  createLink,
  linkFields,
  type UpdateLinkRequest,
  updateLink,
  type ViewLinkRequest,
  viewLink,
} from '../operations/links.js';
import { refuseTooLarge } from '../operations/request-fields.js';
import type { CallOptions } from './call-options.js';
import type { Desk } from './desk.js';
import type { Done, WriteUnknown } from './outcomes.js';

/**
 * PayLinks: pages that anybody can pay by, any number of times. They have no reference of the caller's, so there is
 * nothing to remember them under and nothing to ask by: what was paid is heard from notices. Their fields and answers
 * are hardly published, and typed as loosely.
 */
export class Links {
  readonly #desk: Desk;

  constructor(desk: Desk) {
    this.#desk = desk;
  }

  /** `unknown`: there may be one more link, which nobody was given. It takes no money unless somebody is. */
  async create(
    request: CreateLinkRequest,
    call: CallOptions = {},
  ): Promise<Done<PayLink> | WriteUnknown> {
    const checked = this.#desk.checked(createLink, request);
    refuseTooLarge(checked.amount);
    return this.#desk.write(
      { operation: 'createLink', path: '/payment/link/create', fields: linkFields(checked) },
      linkReader,
      call,
    );
  }

  /** Replaces its contents. `unknown`: look with `view`. */
  async update(
    request: UpdateLinkRequest,
    call: CallOptions = {},
  ): Promise<Done<PayLink> | WriteUnknown> {
    const checked = this.#desk.checked(updateLink, request);
    refuseTooLarge(checked.amount);
    const fields = { paylink_id: checked.linkId, ...linkFields(checked) };
    return this.#desk.write(
      { operation: 'updateLink', path: '/payment/link/update', fields },
      linkReader,
      call,
    );
  }

  /** The link as the gateway has it. */
  async view(request: ViewLinkRequest, call: CallOptions = {}): Promise<PayLink> {
    const { linkId } = this.#desk.checked(viewLink, request);
    const { profileId } = this.#desk.options;
    return this.#desk.read(
      { operation: 'viewLink', method: 'GET', path: `/payment/link/view/${profileId}/${linkId}` },
      linkReader,
      call,
    );
  }
}
