/** What the benchmark uses of restructure, which has no types of its own. */
declare module 'restructure' {
  export interface Type<T> {
    decode(stream: DecodeStream): T;
    encode(stream: EncodeStream, value: T): void;
  }
  export const uint8: Type<number>;
  export const uint16le: Type<number>;
  export const uint32le: Type<number>;
  export class DecodeStream {
    pos: number;
    constructor(bytes: Uint8Array);
  }
  export class EncodeStream {
    pos: number;
    constructor(bytes: Uint8Array);
  }
  export class Struct<T = Record<string, unknown>> implements Type<T> {
    constructor(fields: Record<string, Type<never> | Type<unknown>>);
    decode(stream: DecodeStream): T;
    encode(stream: EncodeStream, value: T): void;
  }
  export class Array<T> implements Type<readonly T[]> {
    constructor(type: Type<T>, length: number);
    decode(stream: DecodeStream): readonly T[];
    encode(stream: EncodeStream, value: readonly T[]): void;
  }
  export class Reserved implements Type<undefined> {
    constructor(type: Type<number>, count: number);
    decode(stream: DecodeStream): undefined;
    encode(stream: EncodeStream, value: undefined): void;
  }
  export class Bitfield implements Type<Record<string, boolean>> {
    constructor(type: Type<number>, flags: readonly (string | null)[]);
    decode(stream: DecodeStream): Record<string, boolean>;
    encode(stream: EncodeStream, value: Record<string, boolean>): void;
  }
}
