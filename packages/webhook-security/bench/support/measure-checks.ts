import { besideFloor, type Share, type SliceOptions } from '@nestcms/bench/slices';
import { bareHmac } from '../columns/floor.ts';
import type { Body } from './bodies.ts';
import { type Checker, checkedContenders } from './checked.ts';

/** Checkers that are seen to work, before and after, beside the bare HMAC. */
export const measureChecks = async (
  checkers: readonly Checker[],
  { bytes }: Body,
  options: SliceOptions,
): Promise<readonly Share[]> => {
  const { contenders, recheck } = await checkedContenders(checkers, bytes);
  const shares = await besideFloor(bareHmac(bytes), contenders, options);
  await recheck();
  return shares;
};
