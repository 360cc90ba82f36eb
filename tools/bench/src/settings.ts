/** What every group of rows is given. */
export interface Settings {
  readonly rounds: number;
  /** A look instead of a measurement: the dearest rows may be left out. */
  readonly quick: boolean;
}

/** Tells how far it is. */
export type Note = (progress: string) => void;
