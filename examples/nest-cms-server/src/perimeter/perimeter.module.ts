import { Module } from '@nestjs/common';
import { Limiter } from './limiter.js';

@Module({ providers: [Limiter], exports: [Limiter] })
export class PerimeterModule {}
