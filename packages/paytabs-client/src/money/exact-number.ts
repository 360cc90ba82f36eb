import { z } from 'zod';

/** A number of JSON that shows no more digits than its parser is sure to keep: fifteen. One that shows more was cut. */
export const exactNumber = z.number().refine((value) => Number(value.toPrecision(15)) === value);
