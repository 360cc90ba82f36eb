import { Module } from '@nestjs/common';
import { ReadingModule } from '../../reading/reading.module.js';
import { OffersModule } from '../offers/offers.module.js';
import { ContractController } from './contract.controller.js';
import { ContractRepository } from './contract.repository.js';
import { ContractService } from './contract.service.js';

@Module({
  imports: [OffersModule, ReadingModule],
  controllers: [ContractController],
  providers: [ContractService, ContractRepository],
  exports: [ContractRepository],
})
export class ContractsModule {}
