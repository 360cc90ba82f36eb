/** What every group of rows is given. */
export interface Settings {
  readonly rounds: number;
}

/** Tells how far it is. */
export type Note = (progress: string) => void;
