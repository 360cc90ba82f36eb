import { Module } from '@nestjs/common';
import { OfferController } from './offer.controller.js';
import { OfferRepository } from './offer.repository.js';
import { OfferService } from './offer.service.js';

@Module({
  controllers: [OfferController],
  providers: [OfferService, OfferRepository],
  exports: [OfferRepository],
})
export class OffersModule {}
