import fc from 'fast-check';
import type * as Bits from '../../runtime/bits/index.js';

/** Accessors as tests meet them that go through all types by their metadata. */

export interface DynamicAccessor {
  readonly $memory: Bits.Memory;
  $base: number;
  $value: unknown;
  toObject(): Record<string, unknown>;
  assign(patch: unknown): unknown;
  [name: string]: unknown;
}

export interface DynamicClass {
  new (memory: Bits.Memory, base?: number): DynamicAccessor;
  of(value: unknown): DynamicAccessor;
  readonly size: number;
}

export interface DynamicArray extends Iterable<unknown> {
  readonly length: number;
  get(index: number): unknown;
  set(index: number, value: unknown): void;
  toArray(): unknown[];
  assign(source: ArrayLike<unknown>): void;
}

export interface DynamicCommand {
  readonly fid: number;
  encodeInputs(registers: Bits.Registers, values: unknown): void;
  decodeInputs(registers: Bits.Registers): unknown;
  encodeOutputs(registers: Bits.Registers, values: unknown): void;
  decodeOutputs(registers: Bits.Registers): unknown;
}

export type Type = Exclude<Bits.TypeMetadata, Bits.AliasMetadata>;

/** A place that holds one integer: what a test needs to know to choose values for it. */
export interface Place {
  readonly bits: number;
  readonly signed: boolean;
  readonly enumeration: Bits.EnumerationMetadata | undefined;
  /** The only value that the document allows. */
  readonly constant: bigint | undefined;
}

export class Types {
  readonly #metadata: Bits.SpecificationMetadata;

  constructor(metadata: Bits.SpecificationMetadata) {
    this.#metadata = metadata;
  }

  /** The type behind a name; undefined of a primitive. */
  resolve(name: string): Type | undefined {
    let type = this.#metadata.types[name];
    for (; type?.kind === 'alias'; type = this.#metadata.types[type.type]) {
      if (this.#metadata.types[type.type] === undefined) return undefined;
    }
    return type;
  }

  get structs(): readonly Bits.StructMetadata[] {
    return Object.values(this.#metadata.types).filter((type) => type.kind === 'struct');
  }

  get fieldsets(): readonly Bits.FieldsetMetadata[] {
    return Object.values(this.#metadata.types).filter((type) => type.kind === 'fieldset');
  }

  get enumerations(): readonly Bits.EnumerationMetadata[] {
    return Object.values(this.#metadata.types).filter((type) => type.kind === 'enumeration');
  }

  place(
    part: { readonly type: string; readonly signed?: true; readonly value?: bigint },
    bits: number,
  ): Place {
    const type = this.resolve(part.type);
    return {
      bits,
      signed: part.signed === true,
      enumeration: type?.kind === 'enumeration' ? type : undefined,
      constant: part.value,
    };
  }

  /** Values of a member or field, plain, as `toObject` gives them. */
  values(
    part: { readonly type: string; readonly signed?: true; readonly value?: bigint; readonly count?: number },
    bits: number,
    nested = true,
  ): fc.Arbitrary<unknown> {
    const one = this.#one(part, bits, nested);
    return part.count === undefined
      ? one
      : fc.array(one, { minLength: part.count, maxLength: part.count, size: 'max' });
  }

  #one(
    part: { readonly type: string; readonly signed?: true; readonly value?: bigint },
    bits: number,
    nested: boolean,
  ): fc.Arbitrary<unknown> {
    const type = this.resolve(part.type);
    if (nested && type?.kind === 'struct') return this.structValues(type);
    if (nested && type?.kind === 'fieldset') return this.fieldsetValues(type);
    if (bits > 64) return fc.uint8Array({ minLength: bits / 8, maxLength: bits / 8 });
    return integers(this.place(part, bits));
  }

  structValues(type: Bits.StructMetadata): fc.Arbitrary<Record<string, unknown>> {
    return plain(
      Object.fromEntries(type.members.map((member) => [member.name, this.values(member, member.bits)])),
    );
  }

  fieldsetValues(type: Bits.FieldsetMetadata): fc.Arbitrary<Record<string, unknown>> {
    return plain(
      Object.fromEntries(
        type.fields.map((field) => [field.name, this.values(field, field.msb - field.lsb + 1, false)]),
      ),
    );
  }
}

/** Objects as a literal makes them. */
export function plain(values: Record<string, fc.Arbitrary<unknown>>): fc.Arbitrary<Record<string, unknown>> {
  return fc.record(values, { noNullPrototype: true });
}

/** A bigint of more than 32 bits, a number else. */
export function held(value: bigint, bits: number): number | bigint {
  return bits > 32 ? value : Number(value);
}

export function limits({ bits, signed }: Place): { readonly min: bigint; readonly max: bigint } {
  const all = 1n << BigInt(bits);
  return signed ? { min: -(all >> 1n), max: (all >> 1n) - 1n } : { min: 0n, max: all - 1n };
}

/** Integers that a place takes, its limits and single bits more often than not. */
export function integers(place: Place): fc.Arbitrary<number | bigint> {
  const { bits, enumeration, constant } = place;
  if (constant !== undefined) return fc.constant(held(constant, bits));
  if (enumeration !== undefined)
    return fc.constantFrom(...enumeration.labels.map(({ value }) => held(value, bits)));
  const { min, max } = limits(place);
  return fc
    .oneof(
      fc.bigInt({ min, max }),
      fc.constantFrom(min, max, 0n),
      fc.nat(bits - 1).map((bit) => {
        const one = 1n << BigInt(bit);
        return one > max ? min : one;
      }),
    )
    .map((value) => held(value, bits));
}

/** The bits of an integer as memory has them. */
export function unsigned(value: number | bigint, bits: number): bigint {
  return BigInt.asUintN(bits, BigInt(value));
}
