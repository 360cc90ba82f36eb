import { Body, Controller, Get, HttpCode, Post, Query } from '@nestjs/common';
import type { z } from 'zod';
import { CurrentCaller, Roles } from '../../identity/access.js';
import type { Caller } from '../../identity/caller.js';
import { type Page, type PageQuery, pageQuerySchema } from '../../platform/http/page.js';
import {
  acceptOfferSchema,
  type CreateOffer,
  createOfferSchema,
  type OfferView,
} from './offer.schema.js';
import { OfferService } from './offer.service.js';

@Controller('offers')
export class OfferController {
  constructor(private readonly offers: OfferService) {}

  @Post('create')
  @Roles('employee')
  create(
    @CurrentCaller() caller: Caller,
    @Body({ schema: createOfferSchema }) input: CreateOffer,
  ): Promise<OfferView> {
    return this.offers.create(caller, input);
  }

  @Get()
  @Roles('client', 'employee', 'manager')
  list(
    @CurrentCaller() caller: Caller,
    @Query({ schema: pageQuerySchema }) page: PageQuery,
  ): Promise<Page<OfferView>> {
    return this.offers.list(caller, page);
  }

  @Post('accept')
  @HttpCode(200)
  @Roles('client')
  accept(
    @CurrentCaller() caller: Caller,
    @Body({ schema: acceptOfferSchema }) input: z.output<typeof acceptOfferSchema>,
  ): Promise<OfferView> {
    return this.offers.accept(caller, input.offerId);
  }
}
