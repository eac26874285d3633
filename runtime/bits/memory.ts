const hostIsLittleEndian = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1;

/** Offsets are used as unsigned 32-bit integers: a memory is at most 4 GiB. */
const MAX_SIZE = 2 ** 32;

function refuseAccess(offset: number, bytes: number, size: number): never {
  const text = Number.isInteger(offset) && offset >= 0 ? `0x${offset.toString(16)}` : String(offset);
  throw new RangeError(`Memory: ${bytes} bytes at ${text} are not within its 0x${size.toString(16)} bytes`);
}

export interface MemoryOptions {
  /** Never use typed arrays wider than a byte, as on a big-endian host. For tests. */
  readonly forceView?: boolean;
}

/**
 * Bytes that accessors read and write, little-endian as the RMM and its callers are. The views on the buffer are made
 * once here and shared by all accessors: making one costs as much as a hundred reads.
 *
 * Offsets are in bytes from the start of the memory. Aligned words go through `u16`, `u32` and `u64`, which are
 * undefined when the host is big-endian or the memory does not start at a multiple of 8 bytes; all else goes through
 * `view`. Reading or writing outside the memory throws a RangeError. Values that are written are truncated to their
 * width: it is accessors that check them.
 */
export class Memory {
  // Declared, not defined: V8 reads a field faster that has only ever been assigned what it now holds.
  declare readonly buffer: ArrayBufferLike;
  /** Bytes. */
  declare readonly size: number;
  declare readonly u8: Uint8Array;
  declare readonly u16: Uint16Array | undefined;
  declare readonly u32: Uint32Array | undefined;
  declare readonly u64: BigUint64Array | undefined;
  declare readonly view: DataView;

  /** The bytes of a buffer, or those that a view of a buffer spans. */
  static of(source: ArrayBufferLike | ArrayBufferView, options: MemoryOptions = {}): Memory {
    return ArrayBuffer.isView(source)
      ? new Memory(source.buffer, source.byteOffset, source.byteLength, options)
      : new Memory(source, 0, source.byteLength, options);
  }

  /** Fresh bytes, all zero. */
  static alloc(size: number, options: MemoryOptions = {}): Memory {
    return new Memory(new ArrayBuffer(size), 0, size, options);
  }

  private constructor(buffer: ArrayBufferLike, offset: number, size: number, options: MemoryOptions) {
    if (size > MAX_SIZE) throw new RangeError(`Memory: 0x${size.toString(16)} bytes are more than 4 GiB`);
    const words = options.forceView !== true && offset % 8 === 0 && hostIsLittleEndian;
    this.buffer = buffer;
    this.size = size;
    this.u8 = new Uint8Array(buffer, offset, size);
    this.u16 = words ? new Uint16Array(buffer, offset, Math.floor(size / 2)) : undefined;
    this.u32 = words ? new Uint32Array(buffer, offset, Math.floor(size / 4)) : undefined;
    this.u64 = words ? new BigUint64Array(buffer, offset, Math.floor(size / 8)) : undefined;
    this.view = new DataView(buffer, offset, size);
  }

  // A typed array answers undefined beyond its end. V8 knows that it never has, so the test for it costs nothing.

  readU8(offset: number): number {
    return this.u8[offset] ?? refuseAccess(offset, 1, this.size);
  }

  readU16(offset: number): number {
    const words = this.u16;
    return words !== undefined && (offset & 1) === 0
      ? (words[offset >>> 1] ?? refuseAccess(offset, 2, this.size))
      : this.view.getUint16(offset, true);
  }

  readU32(offset: number): number {
    const words = this.u32;
    return words !== undefined && (offset & 3) === 0
      ? (words[offset >>> 2] ?? refuseAccess(offset, 4, this.size))
      : this.view.getUint32(offset, true);
  }

  readU64(offset: number): bigint {
    const words = this.u64;
    return words !== undefined && (offset & 7) === 0
      ? (words[offset >>> 3] ?? refuseAccess(offset, 8, this.size))
      : this.view.getBigUint64(offset, true);
  }

  writeU8(offset: number, value: number): void {
    if (offset >>> 0 < this.u8.length) this.u8[offset] = value;
    else refuseAccess(offset, 1, this.size);
  }

  writeU16(offset: number, value: number): void {
    const words = this.u16;
    if (words === undefined || (offset & 1) !== 0) this.view.setUint16(offset, value, true);
    else if (offset >>> 1 < words.length) words[offset >>> 1] = value;
    else refuseAccess(offset, 2, this.size);
  }

  writeU32(offset: number, value: number): void {
    const words = this.u32;
    if (words === undefined || (offset & 3) !== 0) this.view.setUint32(offset, value, true);
    else if (offset >>> 2 < words.length) words[offset >>> 2] = value;
    else refuseAccess(offset, 4, this.size);
  }

  writeU64(offset: number, value: bigint): void {
    const words = this.u64;
    if (words === undefined || (offset & 7) !== 0) this.view.setBigUint64(offset, value, true);
    else if (offset >>> 3 < words.length) words[offset >>> 3] = value;
    else refuseAccess(offset, 8, this.size);
  }

  /** Some of the bytes, without copying them: what is written through it changes the memory. */
  bytes(offset: number, size: number): Uint8Array {
    if (!(offset >= 0 && size >= 0 && offset + size <= this.size)) refuseAccess(offset, size, this.size);
    return this.u8.subarray(offset, offset + size);
  }
}
