/** A place of the abstract state: what a function of chapter B3 returns for some arguments, or a part of it. */
export interface Place {
  readonly function: string;
  readonly arguments: readonly (number | bigint | readonly number[])[];
  /** Member names and array indices below it; empty for the whole. */
  readonly path: readonly (string | number)[];
}
