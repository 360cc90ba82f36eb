import type { DomainEvent } from '../../platform/outbox/event.js';
import type { ContractDocument } from './contract.schema.js';

export function contractCreated(contract: ContractDocument): DomainEvent {
  const id = contract._id.toHexString();
  return {
    type: 'contract.created',
    aggregate: { type: 'contract', id },
    data: {
      contractId: id,
      offerId: contract.offerId.toHexString(),
      clientId: contract.clientId.toHexString(),
      employeeId: contract.employeeId.toHexString(),
    },
  };
}
