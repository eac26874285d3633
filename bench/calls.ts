/* What a row of calls a second is made of. */

/** Calls a second of the C reference built for a host: as it is upstream, and tuned for this. */
export interface Reference {
  readonly upstream: number;
  readonly tuned: number;
}

export interface Row {
  readonly name: string;
  readonly reference?: Reference;
  /** Makes a machine ready for rounds. Each does once what is measured, and tells how long the calls took. */
  readonly prepare: () => () => Round;
}

export interface Round {
  readonly calls: number;
  readonly milliseconds: number;
}
