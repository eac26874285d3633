/** What the benchmark uses of libraries that have no types of their own, or none that ES modules find. */

declare module 'binary-parser' {
  type Kind = 'uint8' | 'uint16le' | 'uint64le';
  export class Parser {
    endianness(order: 'little' | 'big'): this;
    uint8(name: string): this;
    uint16le(name: string): this;
    uint64le(name: string): this;
    bit1(name: string): this;
    bit3(name: string): this;
    array(name: string, options: { readonly type: Kind; readonly length: number }): this;
    seek(bytes: number): this;
    parse(bytes: Uint8Array): Record<string, unknown>;
  }
}

declare module 'restructure' {
  interface Type<T> {
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
  export class Struct implements Type<object> {
    constructor(fields: Record<string, object>);
    decode(stream: DecodeStream): object;
    encode(stream: EncodeStream, value: object): void;
  }
  class List implements Type<readonly number[]> {
    constructor(type: Type<number>, length: number);
    decode(stream: DecodeStream): readonly number[];
    encode(stream: EncodeStream, value: readonly number[]): void;
  }

  export { List as Array };
  export class Reserved {
    constructor(type: Type<number>, count: number);
  }
  export class Bitfield implements Type<Record<string, boolean>> {
    constructor(type: Type<number>, flags: readonly string[]);
    decode(stream: DecodeStream): Record<string, boolean>;
    encode(stream: EncodeStream, value: Record<string, boolean>): void;
  }
}
