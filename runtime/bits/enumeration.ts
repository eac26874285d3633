declare const reserved: unique symbol;

/**
 * A value read from a place that an enumeration lays out, though it has no label there. It can be looked at and
 * compared, but not written back.
 */
export type ReservedEncoding = number & { readonly [reserved]: true };

/** The same of an enumeration that is wider than 32 bits. */
export type ReservedEncoding64 = bigint & { readonly [reserved]: true };

export type Labels = Readonly<Record<string, number>> | Readonly<Record<string, bigint>>;

/** The labels of an enumeration with their values; `Object.entries` gives the labels only. */
export type Enumeration<L extends Labels> = L & {
  /** Whether a value has a label. */
  is(value: unknown): value is L[keyof L];
  /** The label of a value, or undefined when its encoding is reserved. */
  nameOf(value: number | bigint): (keyof L & string) | undefined;
};

export function enumeration<const L extends Labels>(labels: L): Enumeration<L> {
  const names = new Map<unknown, keyof L & string>();
  for (const name of Object.keys(labels)) names.set(labels[name], name);
  const made = Object.defineProperties(
    { ...labels },
    {
      is: { value: (value: unknown) => names.has(value) },
      nameOf: { value: (value: number | bigint) => names.get(value) },
    },
  );
  return Object.freeze(made) as Enumeration<L>;
}
