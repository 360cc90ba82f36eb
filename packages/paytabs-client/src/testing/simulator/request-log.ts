/** One API request the simulator received. Keys are not kept. */
export interface LoggedRequest {
  /** Calendar time in milliseconds since 1970. */
  readonly at: number;
  readonly path: string;
  /** The body's text as received; the API simulated here carries no card data. */
  readonly body: string;
  /** Kind of the fault that hit it. */
  readonly fault?: string;
  /** The true answer's status; absent when it was not carried out. */
  readonly status?: number;
}
